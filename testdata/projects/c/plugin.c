/* A library with every way that C has to do something at its end. Without crtbeginS.o nobody runs the atexit handler
   at dlclose, and the process calls into unmapped memory at its own end. */
#include <stdio.h>
#include <stdlib.h>

static void at_exit(void) { puts("atexit"); }

__attribute__((destructor)) static void destructor(void) { puts("destructor"); }

void start(void);
void start(void) {
    atexit(at_exit);
    puts("started");
}
