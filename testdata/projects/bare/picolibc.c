/* Formats that call much of the library, and memory from its heap. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

volatile double two = 2;

int main(void) {
    char *text = malloc(32);
    sprintf(text, "%lld", 123456789012LL);
    printf("%d %f %s\n", (int)sizeof(void *), sqrt(two), text);
    exit(0);
}
