/* xcc's <sys/timeb.h> for macOS without an SDK: the time of old programs.
 * From the manual page ftime(3) and POSIX.1-2001. */
#ifndef _SYS_TIMEB_H_
#define _SYS_TIMEB_H_

#include <sys/cdefs.h>
#include <sys/types.h>

struct timeb {
    time_t time;
    unsigned short millitm;
    short timezone;
    short dstflag;
};

__BEGIN_DECLS
int ftime(struct timeb *);
__END_DECLS

#endif
