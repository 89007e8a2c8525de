/* xcc's <net/if_utun.h> for macOS without an SDK: tunnels of programs, by a socket of AF_SYSTEM.
 * From the libc crate (MIT or Apache-2.0), wireguard-go and OpenVPN, which use the interface, and the published XNU. */
#ifndef _NET_IF_UTUN_H_
#define _NET_IF_UTUN_H_

#include <stdint.h>
#include <sys/types.h>

#define UTUN_CONTROL_NAME "com.apple.net.utun_control"

#define UTUN_OPT_FLAGS                  1
#define UTUN_OPT_IFNAME                 2
#define UTUN_OPT_EXT_IFDATA_STATS       3
#define UTUN_OPT_INC_IFDATA_STATS_IN    4
#define UTUN_OPT_INC_IFDATA_STATS_OUT   5
#define UTUN_OPT_SET_DELEGATE_INTERFACE 15
#define UTUN_OPT_MAX_PENDING_PACKETS    16

#define UTUN_FLAGS_NO_OUTPUT        0x0001
#define UTUN_FLAGS_NO_INPUT         0x0002
#define UTUN_FLAGS_ENABLE_PROC_UUID 0x0004

struct utun_stats_param {
    uint64_t utsp_packets;
    uint64_t utsp_bytes;
    uint64_t utsp_errors;
};

#endif
