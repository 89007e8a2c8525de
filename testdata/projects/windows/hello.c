/* Arguments, threads of the C library and the mathematical library. */
#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <windows.h>

static void *work(void *result) {
    *(int *)result = 42;
    return NULL;
}

int main(int argc, char **argv) {
    pthread_t thread;
    int result = 0;
    if (pthread_create(&thread, NULL, work, &result) != 0 || pthread_join(thread, NULL) != 0) return 1;
    printf("hello from C, %d bits, %d %s %.3f\n", (int)sizeof(void *) * 8, result, argc > 1 ? argv[1] : "-", sqrt(argc));
    return 0;
}
