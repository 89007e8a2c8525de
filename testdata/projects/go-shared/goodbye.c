/* C code inside the library: a constructor, and a handler that must run exactly once, after the library was closed. */
#include <stdio.h>
#include <stdlib.h>

void goodbye_register(void);

static int constructed;

__attribute__((constructor)) static void construct(void)
{
    constructed = 1;
}

static void goodbye(void)
{
    printf("goodbye %d\n", constructed);
    fflush(stdout);
}

void goodbye_register(void)
{
    atexit(goodbye);
}
