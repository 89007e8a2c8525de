/* Loads the shared library named by its argument, or, built with -DSTATIC, is linked to the static one. */
#include <stdint.h>
#include <stdio.h>

#ifdef STATIC
uint64_t tally_add(uint64_t);
int tally_catch(void);

int main(void)
{
#else
#include <dlfcn.h>

int main(int argc, char **argv)
{
    void *lib = argc > 1 ? dlopen(argv[1], RTLD_NOW | RTLD_LOCAL) : NULL;
    if (!lib) {
        fprintf(stderr, "%s\n", argc > 1 ? dlerror() : "usage: loader LIBRARY");
        return 1;
    }
    uint64_t (*tally_add)(uint64_t) = (uint64_t (*)(uint64_t))dlsym(lib, "tally_add");
    int (*tally_catch)(void) = (int (*)(void))dlsym(lib, "tally_catch");
    if (!tally_add || !tally_catch || dlsym(lib, "tally_inside"))
        return 2;
#endif
    tally_add(40);
    printf("total %llu\n", (unsigned long long)tally_add(2));
    printf("caught %d\n", tally_catch());
#ifndef STATIC
    printf("closed %d\n", dlclose(lib));
#endif
    return 0;
}
