/* xcc's <netinet6/in6_var.h> for macOS without an SDK: IPv6 addresses of interfaces, for ioctl(2).
 * From the manual page inet6(4), KAME's headers in FreeBSD and NetBSD (BSD licence) and the published XNU. */
#ifndef _NETINET6_IN6_VAR_H_
#define _NETINET6_IN6_VAR_H_

#include <net/if.h>
#include <net/if_var.h>
#include <netinet/in.h>
#include <stdint.h>
#include <sys/ioccom.h>
#include <sys/time.h>
#include <sys/types.h>

#define SCOPE6_ID_MAX 16

struct in6_addrlifetime {
    time_t ia6t_expire;
    time_t ia6t_preferred;
    uint32_t ia6t_vltime;
    uint32_t ia6t_pltime;
};

struct in6_ifstat {
    uint64_t ifs6_in_receive;
    uint64_t ifs6_in_hdrerr;
    uint64_t ifs6_in_toobig;
    uint64_t ifs6_in_noroute;
    uint64_t ifs6_in_addrerr;
    uint64_t ifs6_in_protounknown;
    uint64_t ifs6_in_truncated;
    uint64_t ifs6_in_discard;
    uint64_t ifs6_in_deliver;
    uint64_t ifs6_out_forward;
    uint64_t ifs6_out_request;
    uint64_t ifs6_out_discard;
    uint64_t ifs6_out_fragok;
    uint64_t ifs6_out_fragfail;
    uint64_t ifs6_out_fragcreat;
    uint64_t ifs6_reass_reqd;
    uint64_t ifs6_reass_ok;
    uint64_t ifs6_atmfrag_rcvd;
    uint64_t ifs6_reass_fail;
    uint64_t ifs6_in_mcast;
    uint64_t ifs6_out_mcast;
    uint64_t ifs6_cantfoward_icmp6;
    uint64_t ifs6_addr_expiry_cnt;
    uint64_t ifs6_pfx_expiry_cnt;
    uint64_t ifs6_defrtr_expiry_cnt;
};

struct icmp6_ifstat {
    uint64_t ifs6_in_msg;
    uint64_t ifs6_in_error;
    uint64_t ifs6_in_dstunreach;
    uint64_t ifs6_in_adminprohib;
    uint64_t ifs6_in_timeexceed;
    uint64_t ifs6_in_paramprob;
    uint64_t ifs6_in_pkttoobig;
    uint64_t ifs6_in_echo;
    uint64_t ifs6_in_echoreply;
    uint64_t ifs6_in_routersolicit;
    uint64_t ifs6_in_routeradvert;
    uint64_t ifs6_in_neighborsolicit;
    uint64_t ifs6_in_neighboradvert;
    uint64_t ifs6_in_redirect;
    uint64_t ifs6_in_mldquery;
    uint64_t ifs6_in_mldreport;
    uint64_t ifs6_in_mlddone;
    uint64_t ifs6_out_msg;
    uint64_t ifs6_out_error;
    uint64_t ifs6_out_dstunreach;
    uint64_t ifs6_out_adminprohib;
    uint64_t ifs6_out_timeexceed;
    uint64_t ifs6_out_paramprob;
    uint64_t ifs6_out_pkttoobig;
    uint64_t ifs6_out_echo;
    uint64_t ifs6_out_echoreply;
    uint64_t ifs6_out_routersolicit;
    uint64_t ifs6_out_routeradvert;
    uint64_t ifs6_out_neighborsolicit;
    uint64_t ifs6_out_neighboradvert;
    uint64_t ifs6_out_redirect;
    uint64_t ifs6_out_mldquery;
    uint64_t ifs6_out_mldreport;
    uint64_t ifs6_out_mlddone;
};

struct in6_ifreq {
    char ifr_name[IFNAMSIZ];
    union {
        struct sockaddr_in6 ifru_addr;
        struct sockaddr_in6 ifru_dstaddr;
        int ifru_flags;
        int ifru_flags6;
        int ifru_metric;
        int ifru_intval;
        char *ifru_data;
        struct in6_addrlifetime ifru_lifetime;
        struct in6_ifstat ifru_stat;
        struct icmp6_ifstat ifru_icmp6stat;
        uint32_t ifru_scope_id[SCOPE6_ID_MAX];
    } ifr_ifru;
};

struct in6_aliasreq {
    char ifra_name[IFNAMSIZ];
    struct sockaddr_in6 ifra_addr;
    struct sockaddr_in6 ifra_dstaddr;
    struct sockaddr_in6 ifra_prefixmask;
    int ifra_flags;
    struct in6_addrlifetime ifra_lifetime;
};

#define SIOCSIFADDR_IN6      _IOW('i', 12, struct in6_ifreq)
#define SIOCGIFADDR_IN6      _IOWR('i', 33, struct in6_ifreq)
#define SIOCSIFDSTADDR_IN6   _IOW('i', 14, struct in6_ifreq)
#define SIOCSIFNETMASK_IN6   _IOW('i', 22, struct in6_ifreq)
#define SIOCGIFDSTADDR_IN6   _IOWR('i', 34, struct in6_ifreq)
#define SIOCGIFNETMASK_IN6   _IOWR('i', 37, struct in6_ifreq)
#define SIOCDIFADDR_IN6      _IOW('i', 25, struct in6_ifreq)
#define SIOCAIFADDR_IN6      _IOW('i', 26, struct in6_aliasreq)
#define SIOCGIFAFLAG_IN6     _IOWR('i', 73, struct in6_ifreq)
#define SIOCGIFALIFETIME_IN6 _IOWR('i', 81, struct in6_ifreq)
#define SIOCSIFALIFETIME_IN6 _IOWR('i', 82, struct in6_ifreq)
#define SIOCGIFSTAT_IN6      _IOWR('i', 83, struct in6_ifreq)
#define SIOCGIFSTAT_ICMP6    _IOWR('i', 84, struct in6_ifreq)

#define IN6_IFF_ANYCAST    0x0001
#define IN6_IFF_TENTATIVE  0x0002
#define IN6_IFF_DUPLICATED 0x0004
#define IN6_IFF_DETACHED   0x0008
#define IN6_IFF_DEPRECATED 0x0010
#define IN6_IFF_NODAD      0x0020
#define IN6_IFF_AUTOCONF   0x0040
#define IN6_IFF_TEMPORARY  0x0080
#define IN6_IFF_DYNAMIC    0x0100
#define IN6_IFF_OPTIMISTIC 0x0200
#define IN6_IFF_SECURED    0x0400
#define IN6_IFF_CLAT46     0x1000
#define IN6_IFF_NOPFX      0x8000

#define IN6_IFF_DADPROGRESS (IN6_IFF_TENTATIVE | IN6_IFF_OPTIMISTIC)
#define IN6_IFF_NOTREADY    (IN6_IFF_TENTATIVE | IN6_IFF_DUPLICATED)

#endif
