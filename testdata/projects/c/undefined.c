/* Undefined behaviour that real code has (lmdb, zstd, bdwgc, SDL) and that gcc compiles to what the machine does:
   it must not trap unless the user asks for a sanitizer. */
#include <limits.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

struct tail {
    int count;
    int items[1];
};

static int sum(const struct tail *tail) {
    int total = 0;
    for (int i = 0; i < tail->count; i++)
        total += tail->items[i]; /* beyond [1] */
    return total;
}

static int nothing(void *unused) {
    (void)unused;
    return 0;
}

int main(void) {
    volatile int max = INT_MAX, by = 40, minus = -1;
    volatile int sink = max + 1;              /* signed overflow */
    sink = 1 << by;                           /* shift beyond the width */
    sink = minus << 3;                        /* shift of a negative number */
    sink = -(max + 1);                        /* negation overflow */
    char bytes[16];
    memset(bytes, 1, sizeof bytes);
    sink = (int)*(volatile uint64_t *)(bytes + 1); /* misaligned load */
    *(volatile uint32_t *)(bytes + 3) = 7;         /* misaligned store */
    char *volatile null = NULL;
    sink = (null + minus) != NULL;            /* arithmetic on a null pointer */
    union {
        struct tail tail;
        int words[4];
    } u = {.words = {3, 1, 2, 3}};
    struct tail *volatile tail = &u.tail;
    sink = sum(tail);
    volatile double big = 1e30;
    sink = (int)big;                          /* conversion out of range */
    int (*volatile call)(int *) = (int (*)(int *))nothing; /* a function of another type */
    (void)call((int *)&u);
    (void)sink;
    puts("survived");
    return 0;
}
