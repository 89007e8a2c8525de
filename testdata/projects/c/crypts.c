/* crypt() is in libcrypt on glibc and in libc on musl; -lcrypt must do on both. */
#define _GNU_SOURCE
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#ifdef __GLIBC__
char *crypt(const char *key, const char *salt);
#endif

int main(void) {
    const char *hash = crypt("secret", "$6$saltsalt$");
    printf("crypt %s\n", hash && !strncmp(hash, "$6$saltsalt$", 12) ? "ok" : "failed");
    return 0;
}
