/* What GCC's -msave-restore and clang's call to keep registers: newlib and picolibc are built with it for size, and zig's
   compiler-rt has none. The return address is in t0; N registers and ra are kept below the caller's frame, at the places
   that the RISC-V ABI's CFI of such functions says. t1 is the caller's stack pointer. */
#if __riscv_xlen == 64
#define KEEP "sd "
#define TAKE "ld "
#define AT(place) "-8*" #place "(t1)\n"
#define SIZES(each)                                                                                                    \
    each(0, 16) each(1, 16) each(2, 32) each(3, 32) each(4, 48) each(5, 48) each(6, 64) each(7, 64) each(8, 80)        \
        each(9, 80) each(10, 96) each(11, 96) each(12, 112)
#else
#define KEEP "sw "
#define TAKE "lw "
#define AT(place) "-4*" #place "(t1)\n"
#define SIZES(each)                                                                                                    \
    each(0, 16) each(1, 16) each(2, 16) each(3, 16) each(4, 32) each(5, 32) each(6, 32) each(7, 32) each(8, 48)        \
        each(9, 48) each(10, 48) each(11, 48) each(12, 64)
#endif

#define START(name) ".globl " name "\n.type " name ",@function\n" name ":\n"
#define SAVE(count, size)                                                                                              \
    START("__riscv_save_" #count) "mv t1, sp\naddi sp, sp, -" #size "\nj .Lsave" #count "\n"
#define RESTORE(count, size) START("__riscv_restore_" #count) "addi t1, sp, " #size "\nj .Lrestore" #count "\n"

/* From the last register to the first, so that one that is entered in the middle does what is left. */
#define CHAIN(name, op)                                                                                                \
    name "12: " op "s11, " AT(13) name "11: " op "s10, " AT(12) name "10: " op "s9, " AT(11) name "9: " op "s8, "      \
        AT(10) name "8: " op "s7, " AT(9) name "7: " op "s6, " AT(8) name "6: " op "s5, " AT(7) name "5: " op "s4, "   \
            AT(6) name "4: " op "s3, " AT(5) name "3: " op "s2, " AT(4) name "2: " op "s1, " AT(3) name "1: " op       \
                "s0, " AT(2) name "0: " op "ra, " AT(1)

__asm__(".text\n" SIZES(SAVE) CHAIN(".Lsave", KEEP) "jr t0\n" SIZES(RESTORE) CHAIN(".Lrestore", TAKE) "mv sp, t1\nret\n");
