/* Uses something of every library that gcc users name: with each -l of theirs it links, as a program and as a library. */
#define _GNU_SOURCE
#include <arpa/nameser.h>
#include <dlfcn.h>
#include <errno.h>
#include <math.h>
#include <mqueue.h>
#include <netinet/in.h>
#include <pthread.h>
#include <pty.h>
#include <resolv.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

struct wide {
    long long a, b, c;
};

#ifdef __SIZEOF_INT128__
typedef unsigned __int128 widest;
#else
typedef unsigned long long widest;
#endif

static void *thread(void *argument) {
    ++*(int *)argument;
    return NULL;
}

static void nothing(void) {}

int libraries(int seven);
int libraries(int seven) {
    int bad = 0;
    /* compiler-rt: what has no instruction of its own */
    widest big = ((widest)seven << (sizeof(widest) * 8 - 4)) + 5;
    widest volatile divisor = (widest)seven << 33;
    bad += big / divisor * divisor + big % divisor != big;
    long double volatile half = 0.5L * seven;
    bad += (int)(half * 4) != seven * 2;
    /* libatomic: 16 bytes, and an object of no size that a machine has */
    _Atomic struct wide wide;
    atomic_init(&wide, (struct wide){0});
    atomic_store(&wide, ((struct wide){seven, 2, 3}));
    struct wide back = atomic_load(&wide);
    bad += back.a != seven;
    struct { _Alignas(16) long long pair[2]; } from = {{seven, 1}}, to = {{0, 0}};
    __atomic_load(&from, &to, __ATOMIC_SEQ_CST);
    bad += to.pair[0] != seven;
    long long volatile counter = 1;
    bad += __atomic_add_fetch(&counter, seven, __ATOMIC_RELAXED) != seven + 1;
    /* libm, libpthread, libdl, librt, libutil, libresolv */
    bad += pow(seven, 2) != 49.0;
    pthread_t id;
    int runs = 0;
    bad += pthread_create(&id, NULL, thread, &runs) || pthread_join(id, NULL) || runs != 1;
    bad += dlsym(RTLD_DEFAULT, "no such symbol") != NULL;
    struct timespec now;
    bad += clock_gettime(CLOCK_MONOTONIC, &now) != 0;
    bad += shm_unlink("/no such memory") != -1;
    bad += mq_unlink("/no such queue") != -1;
    int terminal[2];
    if (!openpty(&terminal[0], &terminal[1], NULL, NULL, NULL)) {
        close(terminal[0]);
        close(terminal[1]);
    }
    unsigned char name[] = {1, 'a', 0};
    char text[8];
    bad += dn_expand(name, name + sizeof name, name, text, sizeof text) < 0 || strcmp(text, "a") != 0;
    /* libc_nonshared of old glibcs */
    struct stat status;
    bad += stat("/", &status) || fstat(0, &status) > 0;
    bad += atexit(nothing) || at_quick_exit(nothing) || pthread_atfork(nothing, nothing, nothing);
    return bad;
}

#ifndef AS_LIBRARY
int main(void) {
    int volatile seven = 7;
    printf("libraries %d\n", libraries(seven));
    return 0;
}
#endif
