/* xcc's <removefile.h> for macOS without an SDK: removing trees of files.
 * From the manual page removefile(3). */
#ifndef _REMOVEFILE_H_
#define _REMOVEFILE_H_

#include <stdint.h>
#include <sys/cdefs.h>

typedef struct _removefile_state *removefile_state_t;
typedef uint32_t removefile_flags_t;
typedef int (*removefile_callback_t)(removefile_state_t, const char *, void *);

#define REMOVEFILE_RECURSIVE          (1 << 0)
#define REMOVEFILE_KEEP_PARENT        (1 << 1)
#define REMOVEFILE_SECURE_7_PASS      (1 << 2)
#define REMOVEFILE_SECURE_35_PASS     (1 << 3)
#define REMOVEFILE_SECURE_1_PASS      (1 << 4)
#define REMOVEFILE_SECURE_3_PASS      (1 << 5)
#define REMOVEFILE_SECURE_1_PASS_ZERO (1 << 6)
#define REMOVEFILE_CROSS_MOUNT        (1 << 7)
#define REMOVEFILE_ALLOW_LONG_PATHS   (1 << 8)

#define REMOVEFILE_STATE_CONFIRM_CALLBACK 1
#define REMOVEFILE_STATE_CONFIRM_CONTEXT  2
#define REMOVEFILE_STATE_ERROR_CALLBACK   3
#define REMOVEFILE_STATE_ERROR_CONTEXT    4
#define REMOVEFILE_STATE_ERRNO            5
#define REMOVEFILE_STATE_STATUS_CALLBACK  6
#define REMOVEFILE_STATE_STATUS_CONTEXT   7
#define REMOVEFILE_STATE_FTSENT           8

#define REMOVEFILE_PROCEED 0
#define REMOVEFILE_SKIP    1
#define REMOVEFILE_STOP    2

__BEGIN_DECLS
int removefile(const char *, removefile_state_t, removefile_flags_t);
int removefileat(int, const char *, removefile_state_t, removefile_flags_t);
removefile_state_t removefile_state_alloc(void);
int removefile_state_free(removefile_state_t);
int removefile_state_get(removefile_state_t, uint32_t, void *);
int removefile_state_set(removefile_state_t, uint32_t, const void *);
int removefile_cancel(removefile_state_t);
__END_DECLS

#endif
