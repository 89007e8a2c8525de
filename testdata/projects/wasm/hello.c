/* A command: arguments, memory, mathematics and a file system that is not there. */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

int main(int argc, char **argv) {
    double *root = malloc(sizeof *root);
    *root = sqrt(argc);
    FILE *file = fopen("/absent", "r");
    printf("hello from WebAssembly, %d bits, %s %.3f %d\n", (int)sizeof(void *) * 8, argc > 1 ? argv[1] : "-", *root,
           file == NULL && errno != 0);
    return 0;
}
