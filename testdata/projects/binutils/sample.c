// A symbol of every kind that the binary tools tell apart, in a program whose output depends on most of them.
#include <stdio.h>

int data = 3;
static int bss;
int common;
const int table[] = {1, 2, 3};
__thread int thread_data = 4;
__thread int thread_bss;
__attribute__((weak)) int missing(void);
__attribute__((weak)) int weak_here(void) { return 5; }
__attribute__((visibility("hidden"))) int hidden(int n) { return n + 1; }

static int local(int n) { return n + bss++; }
int (*pointer)(int) = local;

int exported(int n) { return hidden(n) + weak_here(); }

int main(int argc, char **argv) {
    (void)argv;
    if (missing)
        return missing();
    int sum = pointer(argc) + data + table[argc] + thread_data + thread_bss + common + exported(argc);
    printf("sum %d\n", sum);
    return 0;
}
