//! Headers of macOS that zig does not have, for programs that are built without an SDK. Each says in its first lines what it was
//! written from: manual pages, standards, the interfaces of BSD and of open-source libraries. Data only.

/// Names below `usr/include`, and texts.
macro_rules! headers {
    ($($name:literal),* $(,)?) => {
        &[$(($name, include_str!(concat!("../../shims/macos/include/", $name)))),*]
    };
}

/// How each of them begins, by which it is told from a header of zig's.
pub(super) const MARK: &str = "/* xcc's <";

#[rustfmt::skip]
pub(super) const HEADERS: &[(&str, &str)] = headers![
    "arpa/nameser.h",
    "arpa/nameser_compat.h",
    "asl.h",
    "bsm/libbsm.h",
    "dns_sd.h",
    "fstab.h",
    "mach/mach_vm.h",
    "membership.h",
    "net/bpf.h",
    "net/ethernet.h",
    "net/if_arp.h",
    "net/if_media.h",
    "net/if_mib.h",
    "net/if_types.h",
    "net/if_utun.h",
    "net/ndrv.h",
    "netinet/icmp6.h",
    "netinet/if_ether.h",
    "netinet/igmp.h",
    "netinet/in_var.h",
    "netinet/ip6.h",
    "netinet/ip_icmp.h",
    "netinet/tcp_fsm.h",
    "netinet6/in6_var.h",
    "nlist.h",
    "notify.h",
    "objc/objc-exception.h",
    "objc/objc-sync.h",
    "os/log.h",
    "ranlib.h",
    "readpassphrase.h",
    "removefile.h",
    "resolv.h",
    "sandbox.h",
    "servers/bootstrap.h",
    "sys/acct.h",
    "sys/disk.h",
    "sys/fsgetpath.h",
    "sys/kern_event.h",
    "sys/ptrace.h",
    "sys/reboot.h",
    "sys/sys_domain.h",
    "sys/syscall.h",
    "sys/timeb.h",
    "sys/vsock.h",
    "sys/xattr.h",
    "sysdir.h",
    "ttyent.h",
    "util.h",
];

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    fn files(dir: &Path, prefix: &str, found: &mut Vec<String>) {
        for entry in std::fs::read_dir(dir).unwrap().map(Result::unwrap) {
            let name = format!("{prefix}{}", entry.file_name().to_str().unwrap());
            if entry.path().is_dir() {
                files(&entry.path(), &format!("{name}/"), found);
            } else {
                found.push(name);
            }
        }
    }

    #[test]
    fn every_file_is_a_row_and_says_what_it_was_written_from() {
        let mut found = Vec::new();
        files(&Path::new(env!("CARGO_MANIFEST_DIR")).join("shims/macos/include"), "", &mut found);
        found.sort();
        assert_eq!(HEADERS.iter().map(|row| row.0).collect::<Vec<_>>(), found);
        for (name, text) in HEADERS {
            assert!(text.starts_with(&format!("{MARK}{name}> for macOS without an SDK")), "{name}");
            let about = text.split("*/").next().unwrap();
            assert!(["rom ", "RFC "].iter().any(|word| about.contains(word)), "{name}");
        }
    }
}
