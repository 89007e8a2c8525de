/* Loads the library it is told, calls its start(), and unloads it: what a library does at its end must happen there. */
#include <dlfcn.h>
#include <stdio.h>

int main(int argc, char **argv) {
    void *library = dlopen(argc > 1 ? argv[1] : "", RTLD_NOW | RTLD_LOCAL);
    if (!library) {
        fprintf(stderr, "dlopen: %s\n", dlerror());
        return 2;
    }
    void (*start)(void) = (void (*)(void))dlsym(library, "start");
    if (!start) {
        fprintf(stderr, "dlsym: %s\n", dlerror());
        return 3;
    }
    start();
    if (dlclose(library))
        return 4;
    puts("closed");
    return 0;
}
