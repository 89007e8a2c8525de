/* What the Go and the C side of this program share: a struct whose layout differs between
 * architectures, and calls that use every kind of argument register. */
#ifndef SHAPE_H
#define SHAPE_H

#include <stdint.h>

struct shape {
    char tag;
    double width;
    short count;
    long long id;
    float height;
    const char *name;
    unsigned char code[3];
    long last;
};

float shape_scale(float by, double plus, int times);
double shape_mix(int a, float b, long long c, double d, char e, float f, double g, short h, double i, long j, float k, double l);
double shape_sum(const struct shape *s);
struct shape shape_make(int code);
int shape_fail(void);

/* Calls the Go function from the caller's thread, then from a thread that Go has never seen. */
int shape_visit(uintptr_t token, int times);

#endif
