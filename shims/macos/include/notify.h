/* xcc's <notify.h> for macOS without an SDK: notifications between processes.
 * From the manual page notify(3). */
#ifndef __NOTIFICATION_H__
#define __NOTIFICATION_H__

#include <mach/message.h>
#include <mach/port.h>
#include <stdint.h>
#include <sys/cdefs.h>

#ifdef __BLOCKS__
#include <dispatch/dispatch.h>
#endif

#define NOTIFY_STATUS_OK                  0
#define NOTIFY_STATUS_INVALID_NAME        1
#define NOTIFY_STATUS_INVALID_TOKEN       2
#define NOTIFY_STATUS_INVALID_PORT        3
#define NOTIFY_STATUS_INVALID_FILE        4
#define NOTIFY_STATUS_INVALID_SIGNAL      5
#define NOTIFY_STATUS_INVALID_REQUEST     6
#define NOTIFY_STATUS_NOT_AUTHORIZED      7
#define NOTIFY_STATUS_OPT_DISABLE         8
#define NOTIFY_STATUS_SERVER_NOT_FOUND    9
#define NOTIFY_STATUS_NULL_INPUT          10
#define NOTIFY_STATUS_FAILED              1000000

#define NOTIFY_REUSE         0x00000001
#define NOTIFY_TOKEN_INVALID -1

__BEGIN_DECLS
uint32_t notify_post(const char *);
uint32_t notify_register_check(const char *, int *);
uint32_t notify_register_signal(const char *, int, int *);
uint32_t notify_register_mach_port(const char *, mach_port_t *, int, int *);
uint32_t notify_register_file_descriptor(const char *, int *, int, int *);
#ifdef __BLOCKS__
typedef void (^notify_handler_t)(int);
uint32_t notify_register_dispatch(const char *, int *, dispatch_queue_t, notify_handler_t);
#endif
uint32_t notify_check(int, int *);
uint32_t notify_cancel(int);
uint32_t notify_suspend(int);
uint32_t notify_resume(int);
uint32_t notify_set_state(int, uint64_t);
uint32_t notify_get_state(int, uint64_t *);
int notify_is_valid_token(int);
__END_DECLS

#endif
