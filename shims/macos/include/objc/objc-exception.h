/* xcc's <objc/objc-exception.h> for macOS without an SDK: what @throw and @catch are made of.
 * From Apple's documentation of the Objective-C runtime and clang's code generation. */
#ifndef __OBJC_EXCEPTION_H_
#define __OBJC_EXCEPTION_H_

#include <objc/objc.h>
#include <stdint.h>

typedef id (*objc_exception_preprocessor)(id);
typedef int (*objc_exception_matcher)(Class, id);
typedef void (*objc_uncaught_exception_handler)(id);
typedef void (*objc_exception_handler)(id, void *);

OBJC_EXPORT void objc_exception_throw(id) __attribute__((__noreturn__));
OBJC_EXPORT void objc_exception_rethrow(void) __attribute__((__noreturn__));
OBJC_EXPORT id objc_begin_catch(void *);
OBJC_EXPORT void objc_end_catch(void);
OBJC_EXPORT void objc_terminate(void) __attribute__((__noreturn__));
OBJC_EXPORT objc_exception_preprocessor objc_setExceptionPreprocessor(objc_exception_preprocessor);
OBJC_EXPORT objc_exception_matcher objc_setExceptionMatcher(objc_exception_matcher);
OBJC_EXPORT objc_uncaught_exception_handler objc_setUncaughtExceptionHandler(objc_uncaught_exception_handler);

#endif
