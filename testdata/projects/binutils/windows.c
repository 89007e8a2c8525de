// A symbol of every kind that the binary tools tell apart in COFF, in a program whose output depends on most of them.
#include <stdio.h>

int data = 3;
static int bss;
int common;
const int table[] = {1, 2, 3};
__thread int thread_data = 4;
__attribute__((weak)) int missing(void);
__attribute__((weak)) int weak_here(void) { return 5; }
__attribute__((section(".a_long_section_name"))) int placed = 1;
static int local(int n) { return n + bss++; }
int (*pointer)(int) = local;
int exported(int n) { return n + 1 + weak_here(); }

int main(int argc, char **argv) {
    (void)argv;
    if (missing)
        return missing();
    int sum = pointer(argc) + data + table[argc] + thread_data + common + placed + exported(argc);
    printf("sum %d\n", sum);
    return 0;
}
