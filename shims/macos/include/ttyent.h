/* xcc's <ttyent.h> for macOS without an SDK: the table of terminals.
 * From the manual page getttyent(3) and FreeBSD's header of the name (BSD licence). */
#ifndef _TTYENT_H_
#define _TTYENT_H_

#include <sys/cdefs.h>

#define _PATH_TTYS "/etc/ttys"

#define _TTYS_OFF      "off"
#define _TTYS_ON       "on"
#define _TTYS_SECURE   "secure"
#define _TTYS_WINDOW   "window"
#define _TTYS_ONERROR  "onerror"
#define _TTYS_ONOPTION "onoption"

#define TTY_ON     0x01
#define TTY_SECURE 0x02

struct ttyent {
    char *ty_name;
    char *ty_getty;
    char *ty_type;
    int ty_status;
    char *ty_window;
    char *ty_onerror;
    char *ty_onoption;
    char *ty_comment;
};

__BEGIN_DECLS
struct ttyent *getttyent(void);
struct ttyent *getttynam(const char *);
int setttyent(void);
int endttyent(void);
__END_DECLS

#endif
