/* A C program that uses the Go archive through the header that Go wrote for it. */
#include <stdio.h>

#include "libarchive.h"

static int descending(int32_t a, int32_t b)
{
    return (a < b) - (a > b);
}

int main(void)
{
    int32_t values[] = {3, -1, 40, 7};
    GoSort(values, 4, descending);
    for (int i = 0; i < 4; i++)
        printf("%d ", values[i]);
    printf("half %g\n", GoHalf(5));
    return 0;
}
