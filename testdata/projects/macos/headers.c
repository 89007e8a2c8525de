/* Every header that xcc has for macOS (the test writes "all.h"), their layouts, and a few of their functions.
 * The numbers of ioctl(2) are those of Go's golang.org/x/sys/unix: each holds the size of what is passed. */
#include "all.h"

#include <assert.h>
#include <net/if.h>
#include <stddef.h>

static_assert(sizeof(struct kern_event_msg) == 28, "kern_event_msg");
static_assert(sizeof(struct sockaddr_sys) == 32, "sockaddr_sys");
static_assert(sizeof(struct sockaddr_vm) == 12, "sockaddr_vm");
static_assert(sizeof(struct acct) == 40, "acct");
static_assert(DKIOCGETBLOCKSIZE == 0x40046418 && DKIOCGETBLOCKCOUNT == 0x40086419, "disk.h");
static_assert(sizeof(struct timeb) == 16, "timeb");
static_assert(SYS_getentropy == 500 && SYS_exit == 1, "syscall.h");
static_assert(PT_DENY_ATTACH == 31, "ptrace.h");

static_assert(BIOCSETF == 0x80104267 && BIOCGDLTLIST == 0xc00c4279 && BIOCGETIF == 0x4020426b, "bpf.h");
static_assert(BIOCSRTIMEOUT == 0x8010426d && BIOCGSTATS == 0x4008426f, "bpf.h");
static_assert(sizeof(struct bpf_hdr) == 20 && offsetof(struct bpf_hdr, bh_hdrlen) == 16, "bpf_hdr");
static_assert(sizeof(struct ether_header) == 14 && sizeof(struct ether_arp) == 28, "ethernet");
static_assert(IFT_ETHER == 6 && IFT_BRIDGE == 0xd1, "if_types.h");

static_assert(sizeof(struct ip6_hdr) == 40 && sizeof(struct ip6_frag) == 8, "ip6.h");
static_assert(sizeof(struct icmp) == 28 && offsetof(struct icmp, icmp_dun) == 8, "icmp");
static_assert(sizeof(struct icmp6_hdr) == 8 && sizeof(struct nd_opt_prefix_info) == 32, "icmp6.h");
static_assert(sizeof(struct igmpv3) == 12, "igmp.h");
static_assert(SIOCAIFADDR_IN6 == 0x8080691a && SIOCGIFAFLAG_IN6 == 0xc1206949, "in6_var.h");

static_assert(sizeof(struct __res_state) == 552, "__res_state");
static_assert(sizeof(ns_msg) == 80 && sizeof(ns_rr) == 1048 && sizeof(HEADER) == 12, "nameser.h");
static_assert(sizeof(TXTRecordRef) == 16, "dns_sd.h");
static_assert(sizeof(nt_sid_t) == 72, "membership.h");

int main(void) {
    unsigned char answer[NS_PACKETSZ];
    int found = res_init() == 0 ? res_query("localhost", ns_c_in, ns_t_a, answer, sizeof answer) : -1;
    int terminal = -1, process = -1;
    mach_vm_address_t address = 0;
    audit_token_t token = {{0}};
    os_log_t log = os_log_create("xcc.test", "headers");

    os_log(log, "%d bytes, %{public}s", found, "in all");
    os_log_error(OS_LOG_DEFAULT, "no words");
    objc_sync_enter(0);
    found += (int)listxattr("/", 0, 0, XATTR_NOFOLLOW);
    found += openpty(&terminal, &process, 0, 0, 0);
    found += (int)mach_vm_allocate(mach_task_self(), &address, 4096, VM_FLAGS_ANYWHERE);
    found += audit_token_to_euid(token) == 0;
    found += (int)notify_post("xcc.test");
    found += ether_aton("00:00:00:00:00:00") != 0;
    found += DNSServiceRefSockFD(0);
    found += removefile("/nowhere", 0, REMOVEFILE_RECURSIVE);
    return found;
}
