/* xcc's <sys/kern_event.h> for macOS without an SDK: events of the kernel, read from a socket of AF_SYSTEM.
 * From Apple's documentation of kernel events (Network Kernel Extensions Programming Guide) and the published XNU. */
#ifndef SYS_KERN_EVENT_H
#define SYS_KERN_EVENT_H

#include <stddef.h>
#include <stdint.h>
#include <sys/ioccom.h>
#include <sys/sys_domain.h>

#define KEV_ANY_VENDOR   0
#define KEV_ANY_CLASS    0
#define KEV_ANY_SUBCLASS 0

#define KEV_VENDOR_APPLE 1

#define KEV_NETWORK_CLASS    1
#define KEV_IOKIT_CLASS      2
#define KEV_SYSTEM_CLASS     3
#define KEV_APPLESHARE_CLASS 4
#define KEV_FIREWALL_CLASS   5
#define KEV_IEEE80211_CLASS  6
#define KEV_NKE_CLASS        7

struct kern_event_msg {
    uint32_t total_size;
    uint32_t vendor_code;
    uint32_t kev_class;
    uint32_t kev_subclass;
    uint32_t id;
    uint32_t event_code;
    uint32_t event_data[1];
};

#define KEV_MSG_HEADER_SIZE (offsetof(struct kern_event_msg, event_data[0]))

struct kev_request {
    uint32_t vendor_code;
    uint32_t kev_class;
    uint32_t kev_subclass;
};

#define KEV_VENDOR_CODE_MAX_STR_LEN 200

struct kev_vendor_code {
    uint32_t vendor_code;
    char vendor_string[KEV_VENDOR_CODE_MAX_STR_LEN];
};

#define SIOCGKEVID     _IOR('e', 1, uint32_t)
#define SIOCSKEVFILT   _IOW('e', 2, struct kev_request)
#define SIOCGKEVFILT   _IOR('e', 3, struct kev_request)
#define SIOCGKEVVENDOR _IOWR('e', 4, struct kev_vendor_code)

#endif
