/* xcc's <util.h> for macOS without an SDK: pseudo-terminals, locks of lines, lines of files.
 * From the manual pages openpty(3), login_tty(3), opendev(3), fparseln(3), and OpenBSD's and NetBSD's headers of the
 * name (BSD licence). */
#ifndef _UTIL_H_
#define _UTIL_H_

#include <pwd.h>
#include <stdio.h>
#include <sys/cdefs.h>
#include <sys/ttycom.h>
#include <sys/types.h>
#include <termios.h>

#define FPARSELN_UNESCESC  0x01
#define FPARSELN_UNESCCONT 0x02
#define FPARSELN_UNESCCOMM 0x04
#define FPARSELN_UNESCREST 0x08
#define FPARSELN_UNESCALL  0x0f

#define OPENDEV_PART 0x01
#define OPENDEV_BLCK 0x04

__BEGIN_DECLS
int openpty(int *, int *, char *, struct termios *, struct winsize *);
pid_t forkpty(int *, char *, struct termios *, struct winsize *);
int login_tty(int);
int opendev(char *, int, int, char **);
char *fparseln(FILE *, size_t *, size_t *, const char[3], int);
__END_DECLS

#endif
