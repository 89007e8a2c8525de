/* Threads, mathematics and the system's own idea of its version. */
#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <sys/param.h>

#if !defined(__FreeBSD_version) && !defined(__NetBSD_Version__) && OpenBSD + 0 < 202510
#error sys/param.h says nothing of the system
#endif

static void *work(void *result) {
    *(int *)result = 42;
    return NULL;
}

int main(int argc, char **argv) {
    pthread_t thread;
    int result = 0;
    if (pthread_create(&thread, NULL, work, &result) != 0 || pthread_join(thread, NULL) != 0) return 1;
    printf("%d %.3f\n", result, sqrt(argc));
    return 0;
}
