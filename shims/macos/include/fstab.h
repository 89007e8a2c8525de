/* xcc's <fstab.h> for macOS without an SDK: the table of file systems.
 * From the manual page getfsent(3) and FreeBSD's header of the name (BSD licence). */
#ifndef _FSTAB_H_
#define _FSTAB_H_

#include <sys/cdefs.h>

#define _PATH_FSTAB "/etc/fstab"
#define FSTAB       "/etc/fstab"

#define FSTAB_RW "rw"
#define FSTAB_RQ "rq"
#define FSTAB_RO "ro"
#define FSTAB_SW "sw"
#define FSTAB_XX "xx"

struct fstab {
    char *fs_spec;
    char *fs_file;
    char *fs_vfstype;
    char *fs_mntops;
    char *fs_type;
    int fs_freq;
    int fs_passno;
};

__BEGIN_DECLS
struct fstab *getfsent(void);
struct fstab *getfsspec(const char *);
struct fstab *getfsfile(const char *);
int setfsent(void);
void endfsent(void);
__END_DECLS

#endif
