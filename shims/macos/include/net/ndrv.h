/* xcc's <net/ndrv.h> for macOS without an SDK: raw frames by a socket of AF_NDRV.
 * From the libc crate and Go's golang.org/x/sys/unix, and the published XNU. */
#ifndef _NET_NDRV_H
#define _NET_NDRV_H

#include <net/if.h>
#include <stdint.h>
#include <sys/types.h>

struct sockaddr_ndrv {
    uint8_t snd_len;
    uint8_t snd_family;
    uint8_t snd_name[IFNAMSIZ];
};

#define NDRV_DEMUXTYPE_ETHERTYPE 4
#define NDRV_DEMUXTYPE_SAP       5
#define NDRV_DEMUXTYPE_SNAP      6

#define NDRVPROTO_NDRV 0
#define SOL_NDRVPROTO  NDRVPROTO_NDRV

struct ndrv_demux_desc {
    uint16_t type;
    uint16_t length;
    union {
        uint16_t ether_type;
        uint8_t sap[3];
        uint8_t snap[5];
        uint8_t other[28];
    } data;
};

#define NDRV_PROTOCOL_DESC_VERS 1

struct ndrv_protocol_desc {
    uint32_t version;
    uint32_t protocol_family;
    uint32_t demux_count;
    struct ndrv_demux_desc *demux_list;
};

#define NDRV_DELDMXSPEC   0x02
#define NDRV_SETDMXSPEC   0x04
#define NDRV_ADDMULTICAST 0x05
#define NDRV_DELMULTICAST 0x06

#define NDRV_DMUX_MAX_DESCR 1024

#endif
