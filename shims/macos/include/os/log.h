/* xcc's <os/log.h> for macOS without an SDK: the system's log.
 * From the manual page os_log(3), and clang's documentation of __builtin_os_log_format. */
#ifndef __os_log_h
#define __os_log_h

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/cdefs.h>

typedef struct os_log_s *os_log_t;

typedef uint8_t os_log_type_t;
enum {
    OS_LOG_TYPE_DEFAULT = 0x00,
    OS_LOG_TYPE_INFO = 0x01,
    OS_LOG_TYPE_DEBUG = 0x02,
    OS_LOG_TYPE_ERROR = 0x10,
    OS_LOG_TYPE_FAULT = 0x11
};

#define OS_LOG_DEFAULT  (&_os_log_default)
#define OS_LOG_DISABLED ((os_log_t)0)

#define OS_LOG_CATEGORY_POINTS_OF_INTEREST    "PointsOfInterest"
#define OS_LOG_CATEGORY_DYNAMIC_TRACING       "DynamicTracing"
#define OS_LOG_CATEGORY_DYNAMIC_STACK_TRACING "DynamicStackTracing"

struct mach_header;

__BEGIN_DECLS
extern struct os_log_s _os_log_default;
extern struct mach_header __dso_handle;

os_log_t os_log_create(const char *, const char *);
bool os_log_type_enabled(os_log_t, os_log_type_t);
void _os_log_impl(void *, os_log_t, os_log_type_t, const char *, uint8_t *, uint32_t);
__END_DECLS

#define os_log_info_enabled(log)  os_log_type_enabled(log, OS_LOG_TYPE_INFO)
#define os_log_debug_enabled(log) os_log_type_enabled(log, OS_LOG_TYPE_DEBUG)

/* The reader of the log finds the format by its address in this section. */
#define os_log_with_type(log, type, format, ...) \
    __extension__({ \
        os_log_t _log = (log); \
        os_log_type_t _log_type = (type); \
        if (os_log_type_enabled(_log, _log_type)) { \
            static const char _log_format[] __attribute__((section("__TEXT,__oslogstring,cstring_literals"))) = format; \
            uint8_t _log_words[__builtin_os_log_format_buffer_size(format, ##__VA_ARGS__)] __attribute__((aligned(16))); \
            _os_log_impl((void *)&__dso_handle, _log, _log_type, _log_format, \
                         (uint8_t *)__builtin_os_log_format(_log_words, format, ##__VA_ARGS__), \
                         (uint32_t)sizeof(_log_words)); \
        } \
    })

#define os_log(log, format, ...)       os_log_with_type(log, OS_LOG_TYPE_DEFAULT, format, ##__VA_ARGS__)
#define os_log_info(log, format, ...)  os_log_with_type(log, OS_LOG_TYPE_INFO, format, ##__VA_ARGS__)
#define os_log_debug(log, format, ...) os_log_with_type(log, OS_LOG_TYPE_DEBUG, format, ##__VA_ARGS__)
#define os_log_error(log, format, ...) os_log_with_type(log, OS_LOG_TYPE_ERROR, format, ##__VA_ARGS__)
#define os_log_fault(log, format, ...) os_log_with_type(log, OS_LOG_TYPE_FAULT, format, ##__VA_ARGS__)

#endif
