/* xcc's <bsm/libbsm.h> for macOS without an SDK: who sent a message of Mach. The rest of the library, which writes and reads
 * audit trails, is not here.
 * From the manual page audit_token_to_au32(3) and OpenBSM (BSD licence). */
#ifndef _LIBBSM_H_
#define _LIBBSM_H_

#include <bsm/audit.h>
#include <mach/message.h>
#include <sys/cdefs.h>
#include <sys/types.h>

__BEGIN_DECLS
void audit_token_to_au32(audit_token_t, uid_t *, uid_t *, gid_t *, uid_t *, gid_t *, pid_t *, au_asid_t *, au_tid_t *);
uid_t audit_token_to_auid(audit_token_t);
uid_t audit_token_to_euid(audit_token_t);
gid_t audit_token_to_egid(audit_token_t);
uid_t audit_token_to_ruid(audit_token_t);
gid_t audit_token_to_rgid(audit_token_t);
pid_t audit_token_to_pid(audit_token_t);
au_asid_t audit_token_to_asid(audit_token_t);
int audit_token_to_pidversion(audit_token_t);
__END_DECLS

#endif
