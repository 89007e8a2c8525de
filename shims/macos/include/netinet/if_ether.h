/* xcc's <netinet/if_ether.h> for macOS without an SDK: ARP for IP over Ethernet, RFC 826 and RFC 1112.
 * From the manual page arp(4) and FreeBSD's header of the name (BSD licence). */
#ifndef _NETINET_IF_ETHER_H_
#define _NETINET_IF_ETHER_H_

#include <net/ethernet.h>
#include <net/if_arp.h>
#include <netinet/in.h>
#include <stdint.h>

#define ea_byte ether_addr_octet

#define ETHER_MAP_IP_MULTICAST(address, ethernet) \
    { \
        const uint8_t *_from = (const uint8_t *)(address); \
        uint8_t *_to = (uint8_t *)(ethernet); \
        _to[0] = 0x01; \
        _to[1] = 0x00; \
        _to[2] = 0x5e; \
        _to[3] = _from[1] & 0x7f; \
        _to[4] = _from[2]; \
        _to[5] = _from[3]; \
    }

struct ether_arp {
    struct arphdr ea_hdr;
    uint8_t arp_sha[ETHER_ADDR_LEN];
    uint8_t arp_spa[4];
    uint8_t arp_tha[ETHER_ADDR_LEN];
    uint8_t arp_tpa[4];
};

#define arp_hrd ea_hdr.ar_hrd
#define arp_pro ea_hdr.ar_pro
#define arp_hln ea_hdr.ar_hln
#define arp_pln ea_hdr.ar_pln
#define arp_op  ea_hdr.ar_op

struct sockaddr_inarp {
    uint8_t sin_len;
    uint8_t sin_family;
    uint16_t sin_port;
    struct in_addr sin_addr;
    struct in_addr sin_srcaddr;
    uint16_t sin_tos;
    uint16_t sin_other;
};

#define SIN_PROXY  0x1
#define SIN_ROUTER 0x2

#endif
