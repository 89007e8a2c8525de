/* xcc's <sandbox.h> for macOS without an SDK: giving up rights.
 * From the manual page sandbox_init(3), which calls the interface deprecated. */
#ifndef _SANDBOX_H_
#define _SANDBOX_H_

#include <stdint.h>
#include <sys/cdefs.h>

#define SANDBOX_NAMED 0x0001

__BEGIN_DECLS
extern const char kSBXProfileNoInternet[];
extern const char kSBXProfileNoNetwork[];
extern const char kSBXProfileNoWrite[];
extern const char kSBXProfileNoWriteExceptTemporary[];
extern const char kSBXProfilePureComputation[];

int sandbox_init(const char *, uint64_t, char **);
void sandbox_free_error(char *);
__END_DECLS

#endif
