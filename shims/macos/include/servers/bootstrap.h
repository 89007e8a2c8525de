/* xcc's <servers/bootstrap.h> for macOS without an SDK: Mach ports by name.
 * From Apple's documentation (Kernel Programming Guide, Technical Note TN2083) and the names that programs use. */
#ifndef _BOOTSTRAP_H_
#define _BOOTSTRAP_H_

#include <mach/mach.h>
#include <sys/cdefs.h>
#include <sys/types.h>

#define BOOTSTRAP_MAX_NAME_LEN 128
#define BOOTSTRAP_MAX_CMD_LEN  512

typedef char name_t[BOOTSTRAP_MAX_NAME_LEN];
typedef char cmd_t[BOOTSTRAP_MAX_CMD_LEN];
typedef name_t *name_array_t;
typedef int bootstrap_status_t;
typedef bootstrap_status_t *bootstrap_status_array_t;
typedef boolean_t *bool_array_t;

#define BOOTSTRAP_SUCCESS         0
#define BOOTSTRAP_NOT_PRIVILEGED  1100
#define BOOTSTRAP_NAME_IN_USE     1101
#define BOOTSTRAP_UNKNOWN_SERVICE 1102
#define BOOTSTRAP_SERVICE_ACTIVE  1103
#define BOOTSTRAP_BAD_COUNT       1104
#define BOOTSTRAP_NO_MEMORY       1105
#define BOOTSTRAP_NO_CHILDREN     1106

#define BOOTSTRAP_STATUS_INACTIVE  0
#define BOOTSTRAP_STATUS_ACTIVE    1
#define BOOTSTRAP_STATUS_ON_DEMAND 2

__BEGIN_DECLS
extern mach_port_t bootstrap_port;

kern_return_t bootstrap_create_server(mach_port_t, cmd_t, uid_t, boolean_t, mach_port_t *);
kern_return_t bootstrap_subset(mach_port_t, mach_port_t, mach_port_t *);
kern_return_t bootstrap_unprivileged(mach_port_t, mach_port_t *);
kern_return_t bootstrap_parent(mach_port_t, mach_port_t *);
kern_return_t bootstrap_register(mach_port_t, name_t, mach_port_t);
kern_return_t bootstrap_create_service(mach_port_t, name_t, mach_port_t *);
kern_return_t bootstrap_check_in(mach_port_t, const name_t, mach_port_t *);
kern_return_t bootstrap_look_up(mach_port_t, const name_t, mach_port_t *);
kern_return_t bootstrap_status(mach_port_t, name_t, bootstrap_status_t *);
const char *bootstrap_strerror(kern_return_t);
__END_DECLS

#endif
