/* xcc's <objc/objc-sync.h> for macOS without an SDK: what @synchronized is made of.
 * From Apple's documentation of the Objective-C runtime and clang's code generation. */
#ifndef __OBJC_SYNC_H_
#define __OBJC_SYNC_H_

#include <objc/objc.h>

#define OBJC_SYNC_SUCCESS                 0
#define OBJC_SYNC_NOT_OWNING_THREAD_ERROR -1

OBJC_EXPORT int objc_sync_enter(id);
OBJC_EXPORT int objc_sync_exit(id);

#endif
