/* A start in RAM that holds zeroes already: picolibc's own start file is out of the reach of LLD on 64 bits. */
    .section .text.init.enter
    .globl _start
_start:
    .option push
    .option norelax
    la gp, __global_pointer$
    .option pop
    la sp, __stack
    la tp, __tls_base
#if __riscv_flen
    li t0, 0x6000
    csrs mstatus, t0
#endif
    call main
    call exit
