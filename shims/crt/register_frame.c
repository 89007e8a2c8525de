/* GCC's start objects for 32-bit Windows, and Rust's i686-pc-windows-gnu, register their .eh_frame with GCC's unwinder.
   LLVM's finds the section in the loaded file by itself, so here is nothing to do. */
__attribute__((weak)) void __register_frame_info(const void *begin, void *object) {
    (void)begin, (void)object;
}

__attribute__((weak)) void *__deregister_frame_info(const void *begin) {
    return (void)begin, (void *)0;
}
