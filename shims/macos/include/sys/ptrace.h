/* xcc's <sys/ptrace.h> for macOS without an SDK: tracing of processes.
 * From the manual page ptrace(2), and Go's package syscall (BSD licence). */
#ifndef _SYS_PTRACE_H_
#define _SYS_PTRACE_H_

#include <sys/cdefs.h>
#include <sys/types.h>

#define PT_TRACE_ME    0
#define PT_READ_I      1
#define PT_READ_D      2
#define PT_READ_U      3
#define PT_WRITE_I     4
#define PT_WRITE_D     5
#define PT_WRITE_U     6
#define PT_CONTINUE    7
#define PT_KILL        8
#define PT_STEP        9
#define PT_ATTACH      10
#define PT_DETACH      11
#define PT_SIGEXC      12
#define PT_THUPDATE    13
#define PT_ATTACHEXC   14
#define PT_FORCEQUOTA  30
#define PT_DENY_ATTACH 31
#define PT_FIRSTMACH   32

__BEGIN_DECLS
int ptrace(int, pid_t, char *, int);
__END_DECLS

#endif
