/* xcc's <netinet/igmp.h> for macOS without an SDK: IGMP, RFC 2236 and RFC 3376.
 * From IANA's registry and FreeBSD's header of the name (BSD licence). */
#ifndef _NETINET_IGMP_H_
#define _NETINET_IGMP_H_

#include <netinet/in.h>
#include <stdint.h>
#include <sys/types.h>

#define IGMP_MINLEN 8

struct igmp {
    uint8_t igmp_type;
    uint8_t igmp_code;
    uint16_t igmp_cksum;
    struct in_addr igmp_group;
};

struct igmpv3 {
    uint8_t igmp_type;
    uint8_t igmp_code;
    uint16_t igmp_cksum;
    struct in_addr igmp_group;
    uint8_t igmp_misc;
    uint8_t igmp_qqi;
    uint16_t igmp_numsrc;
};

struct igmp_grouprec {
    uint8_t ig_type;
    uint8_t ig_datalen;
    uint16_t ig_numsrc;
    struct in_addr ig_group;
};

struct igmp_report {
    uint8_t ir_type;
    uint8_t ir_rsv1;
    uint16_t ir_cksum;
    uint16_t ir_rsv2;
    uint16_t ir_numgrps;
};

#define IGMP_V3_QUERY_MINLEN  12
#define IGMP_GRPREC_HDRLEN    8
#define IGMP_V3_REPORT_MINLEN 8

#define IGMP_HOST_MEMBERSHIP_QUERY     0x11
#define IGMP_v1_HOST_MEMBERSHIP_REPORT 0x12
#define IGMP_DVMRP                     0x13
#define IGMP_PIM                       0x14
#define IGMP_v2_HOST_MEMBERSHIP_REPORT 0x16
#define IGMP_HOST_LEAVE_MESSAGE        0x17
#define IGMP_MTRACE_REPLY              0x1e
#define IGMP_MTRACE_QUERY              0x1f
#define IGMP_v3_HOST_MEMBERSHIP_REPORT 0x22

#define IGMP_DO_NOTHING             0
#define IGMP_MODE_IS_INCLUDE        1
#define IGMP_MODE_IS_EXCLUDE        2
#define IGMP_CHANGE_TO_INCLUDE_MODE 3
#define IGMP_CHANGE_TO_EXCLUDE_MODE 4
#define IGMP_ALLOW_NEW_SOURCES      5
#define IGMP_BLOCK_OLD_SOURCES      6

#endif
