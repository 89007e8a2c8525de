/* xcc's <netinet/in_var.h> for macOS without an SDK: addresses of interfaces, for ioctl(2), and what <netinet6/in6_var.h> has.
 * From the manual page inet(4), NetBSD's header of the name (BSD licence) and the published XNU. */
#ifndef _NETINET_IN_VAR_H_
#define _NETINET_IN_VAR_H_

#include <net/if.h>
#include <net/if_var.h>
#include <netinet/in.h>
#include <stdint.h>
#include <sys/kern_event.h>
#include <sys/types.h>

struct in_aliasreq {
    char ifra_name[IFNAMSIZ];
    struct sockaddr_in ifra_addr;
    struct sockaddr_in ifra_broadaddr;
    struct sockaddr_in ifra_mask;
};

#define ifra_dstaddr ifra_broadaddr

#include <netinet6/in6_var.h>

#endif
