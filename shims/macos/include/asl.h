/* xcc's <asl.h> for macOS without an SDK: the system's log of the years before os_log(3).
 * From the manual page asl(3). */
#ifndef __ASL_H__
#define __ASL_H__

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/cdefs.h>

typedef struct __asl_object_s *asl_object_t;
typedef asl_object_t aslclient;
typedef asl_object_t aslmsg;
typedef asl_object_t aslresponse;

#define ASL_LEVEL_EMERG   0
#define ASL_LEVEL_ALERT   1
#define ASL_LEVEL_CRIT    2
#define ASL_LEVEL_ERR     3
#define ASL_LEVEL_WARNING 4
#define ASL_LEVEL_NOTICE  5
#define ASL_LEVEL_INFO    6
#define ASL_LEVEL_DEBUG   7

#define ASL_STRING_EMERG   "Emergency"
#define ASL_STRING_ALERT   "Alert"
#define ASL_STRING_CRIT    "Critical"
#define ASL_STRING_ERR     "Error"
#define ASL_STRING_WARNING "Warning"
#define ASL_STRING_NOTICE  "Notice"
#define ASL_STRING_INFO    "Info"
#define ASL_STRING_DEBUG   "Debug"

#define ASL_KEY_TIME      "Time"
#define ASL_KEY_TIME_NSEC "TimeNanoSec"
#define ASL_KEY_HOST      "Host"
#define ASL_KEY_SENDER    "Sender"
#define ASL_KEY_FACILITY  "Facility"
#define ASL_KEY_PID       "PID"
#define ASL_KEY_UID       "UID"
#define ASL_KEY_GID       "GID"
#define ASL_KEY_LEVEL     "Level"
#define ASL_KEY_MSG       "Message"
#define ASL_KEY_READ_UID  "ReadUID"
#define ASL_KEY_READ_GID  "ReadGID"
#define ASL_KEY_MSG_ID    "ASLMessageID"

#define ASL_TYPE_UNDEF  -1
#define ASL_TYPE_MSG    0
#define ASL_TYPE_QUERY  1
#define ASL_TYPE_LIST   2
#define ASL_TYPE_FILE   3
#define ASL_TYPE_STORE  4
#define ASL_TYPE_CLIENT 5

#define ASL_QUERY_OP_NULL          0x00000
#define ASL_QUERY_OP_EQUAL         0x00001
#define ASL_QUERY_OP_GREATER       0x00002
#define ASL_QUERY_OP_GREATER_EQUAL 0x00003
#define ASL_QUERY_OP_LESS          0x00004
#define ASL_QUERY_OP_LESS_EQUAL    0x00005
#define ASL_QUERY_OP_NOT_EQUAL     0x00006
#define ASL_QUERY_OP_TRUE          0x00007
#define ASL_QUERY_OP_CASEFOLD      0x00010
#define ASL_QUERY_OP_PREFIX        0x00020
#define ASL_QUERY_OP_SUFFIX        0x00040
#define ASL_QUERY_OP_SUBSTRING     0x00060
#define ASL_QUERY_OP_NUMERIC       0x00080
#define ASL_QUERY_OP_REGEX         0x00100

#define ASL_FILTER_MASK(level)      (0x01 << (level))
#define ASL_FILTER_MASK_UPTO(level) ((0x01 << ((level) + 1)) - 1)
#define ASL_FILTER_MASK_EMERG       0x01
#define ASL_FILTER_MASK_ALERT       0x02
#define ASL_FILTER_MASK_CRIT        0x04
#define ASL_FILTER_MASK_ERR         0x08
#define ASL_FILTER_MASK_WARNING     0x10
#define ASL_FILTER_MASK_NOTICE      0x20
#define ASL_FILTER_MASK_INFO        0x40
#define ASL_FILTER_MASK_DEBUG       0x80

#define ASL_OPT_STDERR    0x00000001
#define ASL_OPT_NO_DELAY  0x00000002
#define ASL_OPT_NO_REMOTE 0x00000004

__BEGIN_DECLS
asl_object_t asl_open(const char *, const char *, uint32_t);
asl_object_t asl_new(uint32_t);
void asl_close(asl_object_t);
void asl_release(asl_object_t);
asl_object_t asl_retain(asl_object_t);
void asl_free(asl_object_t);
int asl_set(asl_object_t, const char *, const char *);
int asl_unset(asl_object_t, const char *);
int asl_set_query(asl_object_t, const char *, const char *, uint32_t);
int asl_set_filter(asl_object_t, int);
const char *asl_get(asl_object_t, const char *);
const char *asl_key(asl_object_t, uint32_t);
int asl_log(asl_object_t, asl_object_t, int, const char *, ...) __attribute__((__format__(__printf__, 4, 5)));
int asl_vlog(asl_object_t, asl_object_t, int, const char *, va_list) __attribute__((__format__(__printf__, 4, 0)));
int asl_log_message(int, const char *, ...) __attribute__((__format__(__printf__, 2, 3)));
int asl_send(asl_object_t, asl_object_t);
int asl_add_log_file(asl_object_t, int);
int asl_remove_log_file(asl_object_t, int);
asl_object_t asl_search(asl_object_t, asl_object_t);
asl_object_t asl_next(asl_object_t);
__END_DECLS

#endif
