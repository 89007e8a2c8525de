/* The C side: plain arithmetic on arguments and structs, errno, and calls back into Go. */
#include "shape.h"

#include <errno.h>
#include <math.h>
#include <pthread.h>
#include <stddef.h>

#include "_cgo_export.h"

float shape_scale(float by, double plus, int times)
{
    return by * (float)times + (float)plus;
}

double shape_mix(int a, float b, long long c, double d, char e, float f, double g, short h, double i, long j, float k, double l)
{
    return a + b * 2 + c * 3 + d * 4 + e * 5 + f * 6 + g * 7 + h * 8 + i * 9 + j * 10 + k * 11 + l * 12;
}

double shape_sum(const struct shape *s)
{
    double sum = s->tag + s->width + s->count + (double)s->id + s->height + s->last;
    for (const char *c = s->name; *c; c++)
        sum += *c;
    for (size_t i = 0; i < sizeof s->code; i++)
        sum += s->code[i];
    return sum;
}

struct shape shape_make(int code)
{
    struct shape s = {.tag = 'm', .width = sqrt(code), .count = -3, .id = 1LL << 40, .height = 0.5f, .name = "made", .last = -7};
    s.code[0] = s.code[1] = s.code[2] = (unsigned char)code;
    return s;
}

int shape_fail(void)
{
    errno = ERANGE;
    return -1;
}

struct visit {
    uintptr_t token;
    int from, to, sum;
};

static void *visit(void *argument)
{
    struct visit *v = argument;
    for (int i = v->from; i < v->to; i++)
        v->sum += goVisit(v->token, i, i / 4.0);
    return NULL;
}

int shape_visit(uintptr_t token, int times)
{
    struct visit here = {token, 0, times, 0}, there = {token, times, 2 * times, 0};
    pthread_t thread;
    visit(&here);
    if (pthread_create(&thread, NULL, visit, &there) != 0 || pthread_join(thread, NULL) != 0)
        return -1;
    return here.sum + there.sum;
}
