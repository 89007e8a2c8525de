/* assert() is there unless NDEBUG is defined, at every level of optimisation. */
#include <assert.h>
#include <stdio.h>

int main(int argc, char **argv) {
    (void)argv;
    assert(argc > 5);
    puts("not asserted");
    return 0;
}
