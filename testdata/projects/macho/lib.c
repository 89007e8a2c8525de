#include <stdlib.h>
int lib_a(int n) { return n + 1; }
int lib_b(int n) { return lib_a(n) * 2; }
int lib_data = 5;
static int quiet = 3;
__attribute__((weak)) int lib_weak(void) { return quiet; }
void *lib_alloc(void) { return malloc(4); }
