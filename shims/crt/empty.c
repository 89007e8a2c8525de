/* Stands in for GCC's crtend.o and crtendS.o, and for crti.o and crtn.o where zig's libc has none: LLD ends .eh_frame
   by itself, and constructors run from .init_array alone. */
