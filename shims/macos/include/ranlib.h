/* xcc's <ranlib.h> for macOS without an SDK: the index of an archive.
 * From the manual page ranlib(5) and 4.4BSD's header of the name (BSD licence). */
#ifndef _RANLIB_H_
#define _RANLIB_H_

#include <sys/types.h>

#define SYMDEF        "__.SYMDEF"
#define SYMDEF_SORTED "__.SYMDEF SORTED"
#define RANLIBMAG     "__.SYMDEF"
#define RANLIBSKEW    3

struct ranlib {
    union {
        off_t ran_strx;
        char *ran_name;
    } ran_un;
    off_t ran_off;
};

#endif
