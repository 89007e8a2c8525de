/* sysctl(2) of glibc before 2.32. zig's headers are of a newest glibc, which has it no more; its stubs of those versions have. */
#ifndef _SYS_SYSCTL_H
#define _SYS_SYSCTL_H 1

#include <features.h>
#define __need_size_t
#include <stddef.h>
#include <linux/sysctl.h>

__BEGIN_DECLS
extern int sysctl(int *name, int nlen, void *oldval, size_t *oldlenp, void *newval, size_t newlen) __THROW;
__END_DECLS

#endif
