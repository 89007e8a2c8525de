/* xcc's <net/ethernet.h> for macOS without an SDK.
 * From the manual page ethers(3) and FreeBSD's header of the name (BSD licence). */
#ifndef _NET_ETHERNET_H_
#define _NET_ETHERNET_H_

#include <stdint.h>
#include <sys/cdefs.h>
#include <sys/types.h>

#define ETHER_ADDR_LEN 6
#define ETHER_TYPE_LEN 2
#define ETHER_CRC_LEN  4
#define ETHER_HDR_LEN  (ETHER_ADDR_LEN * 2 + ETHER_TYPE_LEN)
#define ETHER_MIN_LEN  64
#define ETHER_MAX_LEN  1518
#define ETHER_ALIGN    2

#define ETHER_IS_VALID_LEN(length) ((length) >= ETHER_MIN_LEN && (length) <= ETHER_MAX_LEN)

typedef struct ether_header {
    uint8_t ether_dhost[ETHER_ADDR_LEN];
    uint8_t ether_shost[ETHER_ADDR_LEN];
    uint16_t ether_type;
} ether_header_t;

typedef struct ether_addr {
    uint8_t octet[ETHER_ADDR_LEN];
} ether_addr_t;

#define ether_addr_octet octet

#define ETHERTYPE_PUP         0x0200
#define ETHERTYPE_IP          0x0800
#define ETHERTYPE_ARP         0x0806
#define ETHERTYPE_TRAIL       0x1000
#define ETHERTYPE_NTRAILER    16
#define ETHERTYPE_REVARP      0x8035
#define ETHERTYPE_VLAN        0x8100
#define ETHERTYPE_IPV6        0x86dd
#define ETHERTYPE_PAE         0x888e
#define ETHERTYPE_RSN_PREAUTH 0x88c7
#define ETHERTYPE_PTP         0x88f7
#define ETHERTYPE_LOOPBACK    0x9000

#define ETHERMTU (ETHER_MAX_LEN - ETHER_HDR_LEN - ETHER_CRC_LEN)
#define ETHERMIN (ETHER_MIN_LEN - ETHER_HDR_LEN - ETHER_CRC_LEN)

__BEGIN_DECLS
int ether_hostton(const char *, struct ether_addr *);
int ether_line(const char *, struct ether_addr *, char *);
char *ether_ntoa(const struct ether_addr *);
struct ether_addr *ether_aton(const char *);
int ether_ntohost(char *, const struct ether_addr *);
__END_DECLS

#endif
