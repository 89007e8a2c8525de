/* Functions that moved to a new symbol version in some glibc after 2.17: memcpy and clock_gettime, pow and exp, stat, threads. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static void *work(void *p) { return p; }

int main(int argc, char **argv) {
    struct timespec now;
    struct stat status;
    pthread_t thread;
    void *result;
    char copy[64];
    double volatile x = argc;
    clock_gettime(CLOCK_REALTIME, &now);
    stat(argv[0], &status);
    fstat(0, &status);
    int fd = fcntl(0, F_GETFD);
    pthread_create(&thread, NULL, work, copy);
    pthread_join(thread, &result);
    memcpy(copy, argv[0], 1);
    printf("%f %f %f %ld %d\n", pow(x, 2), exp(x), log(x), strtol("42", NULL, 0), fd);
    return result != copy;
}
