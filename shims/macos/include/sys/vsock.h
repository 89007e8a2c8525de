/* xcc's <sys/vsock.h> for macOS without an SDK: sockets between a virtual machine and its host.
 * From the libc crate (MIT or Apache-2.0) and Go's golang.org/x/sys/unix (BSD licence). */
#ifndef _VSOCK_H_
#define _VSOCK_H_

#include <stdint.h>
#include <sys/ioccom.h>
#include <sys/types.h>

#define VMADDR_CID_ANY        (-1U)
#define VMADDR_CID_HYPERVISOR 0
#define VMADDR_CID_RESERVED   1
#define VMADDR_CID_HOST       2

#define VMADDR_PORT_ANY (-1U)

#define IOCTL_VM_SOCKETS_GET_LOCAL_CID _IOR('s', 209, uint32_t)

struct sockaddr_vm {
    uint8_t svm_len;
    uint8_t svm_family;
    uint16_t svm_reserved1;
    uint32_t svm_port;
    uint32_t svm_cid;
} __attribute__((__packed__));

#endif
