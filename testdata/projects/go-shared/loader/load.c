/* Loads the library named by its argument, calls it, closes it, and returns from main. */
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>

static void *library;

static void *find(const char *name)
{
    void *address = dlsym(library, name);
    if (!address) {
        fprintf(stderr, "%s\n", dlerror());
        exit(1);
    }
    return address;
}

int main(int argc, char **argv)
{
    if (argc != 2 || !(library = dlopen(argv[1], RTLD_NOW | RTLD_LOCAL))) {
        fprintf(stderr, "%s\n", argc == 2 ? dlerror() : "usage: load LIBRARY");
        return 1;
    }
    int (*add)(int, int) = find("GoAdd");
    double (*mean)(const double *, int) = find("GoMean");
    char *(*greeting)(const char *) = find("GoGreeting");
    void (*goodbye)(void) = find("GoGoodbye");

    const double values[] = {0.5, 1.5, 4};
    char *text = greeting("loader");
    printf("%d %g %s\n", add(40, 2), mean(values, 3), text);
    free(text);
    goodbye();
    printf("close %d\n", dlclose(library));
    fflush(stdout);
    return 0;
}
