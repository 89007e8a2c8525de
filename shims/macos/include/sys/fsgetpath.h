/* xcc's <sys/fsgetpath.h> for macOS without an SDK: the path of a file by its numbers.
 * From the manual page fsgetpath(2). */
#ifndef _FSGETPATH_H_
#define _FSGETPATH_H_

#include <stdint.h>
#include <sys/cdefs.h>
#include <sys/mount.h>
#include <sys/types.h>

__BEGIN_DECLS
ssize_t fsgetpath(char *, size_t, fsid_t *, uint64_t);
__END_DECLS

#endif
