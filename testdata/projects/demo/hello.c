/* The program that install.sh cross-compiles to show that the installation works. */
#include <stdio.h>

int main(void) {
#if defined(__x86_64__)
    const char *arch = "x86_64";
#elif defined(__aarch64__)
    const char *arch = "aarch64";
#elif defined(__riscv)
    const char *arch = "riscv64";
#elif defined(__arm__)
    const char *arch = "arm";
#else
    const char *arch = "another architecture";
#endif
    printf("hello from %s, compiled by clang %d\n", arch, __clang_major__);
    return 0;
}
