/* Goes down until the stack is used up, which must be a trap and not another value of `guard`. */
#include <stdio.h>

volatile int guard = 1;

static int down(int depth) {
    volatile char room[4096];
    room[0] = (char)depth;
    return depth == 0 ? guard : down(depth - 1) + room[0] * 0;
}

int main(int argc, char **argv) {
    printf("%d\n", down(argc > 1 ? 100000 : 100));
    return 0;
}
