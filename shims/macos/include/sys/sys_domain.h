/* xcc's <sys/sys_domain.h> for macOS without an SDK: sockets of the family AF_SYSTEM.
 * From the libc crate (MIT or Apache-2.0) and Go's golang.org/x/sys/unix (BSD licence). */
#ifndef _SYSTEM_DOMAIN_H_
#define _SYSTEM_DOMAIN_H_

#include <stdint.h>
#include <sys/types.h>

#define SYSPROTO_EVENT   1
#define SYSPROTO_CONTROL 2

#define AF_SYS_CONTROL 2

struct sockaddr_sys {
    uint8_t ss_len;
    uint8_t ss_family;
    uint16_t ss_sysaddr;
    uint32_t ss_reserved[7];
};

#endif
