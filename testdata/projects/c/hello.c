/* Says where it runs: every target's first program, and the shortest one that needs stdio. */
#include <stdio.h>

int main(void) {
    printf("hello from C, %d bits\n", (int)sizeof(void *) * 8);
    return 0;
}
