/* Stands in for GCC's crtbeginS.o: when a shared object or a position-independent program is unloaded, what it
   registered with atexit must run before its code is gone (Itanium C++ ABI, 3.3.5.3). zig links nothing of the
   kind, and its shared objects crash at dlclose (ziglang/zig#17908). */
extern void __cxa_finalize(void *) __attribute__((weak));

#ifndef BINDING
#define BINDING
#endif
void *const __dso_handle __attribute__((visibility("hidden"))) BINDING = (void *)&__dso_handle;

static void finalize(void) {
    if (__cxa_finalize)
        __cxa_finalize(__dso_handle);
}

/* This object is linked first and .fini_array runs backwards: after the object's own destructors, as with GCC. */
__attribute__((section(".fini_array"), used)) static void (*const on_unload)(void) = finalize;
