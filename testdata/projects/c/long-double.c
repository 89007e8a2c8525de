/* long double has a format of its own on many machines, and a part of the compiler's runtime for it. */
#include <complex.h>
#include <float.h>
#include <limits.h>
#include <math.h>
#include <stdio.h>

/* For a pair of doubles LDBL_EPSILON is the smallest double there is. */
#if LDBL_MANT_DIG == 106
#define CLOSE 0x1p-100L
#else
#define CLOSE (16 * LDBL_EPSILON)
#endif

int main(void) {
    long double volatile one = 1, three = 3, huge = LDBL_MAX, infinity = INFINITY;
    int bad = 0;
    bad += fabsl(one / three * three - one) > CLOSE;
    bad += fabsl((one / three + one) * 3 - 4) > CLOSE;
    bad += sqrtl(three) * sqrtl(three) - three > CLOSE;
    bad += !isinf(huge * 2) || !isnan(infinity - infinity) || !isnan(infinity / infinity) || one / infinity != 0;
    long long volatile least = LLONG_MIN, most = LLONG_MAX - 5;
    unsigned long long volatile all = ULLONG_MAX - 5;
#if LDBL_MANT_DIG >= 64
    bad += (long long)(long double)least != least || (long long)(long double)most != most;
    bad += (unsigned long long)(long double)all != all;
    bad += (long long)((long double)most - 0.75L) != most - 1;
#endif
    bad += (int)(three * -1.25L) != -3 || (unsigned)(three * 1.5L) != 4;
    bad += (long double)(int)least != 0;
    complex long double volatile z = CMPLXL(1, 2), w = CMPLXL(3, -4);
    z = z * w;
    bad += creall(z) != 11 || cimagl(z) != 2;
    z = z / w;
    bad += fabsl(creall(z) - 1) > CLOSE || fabsl(cimagl(z) - 2) > CLOSE;
    z = CMPLXL(INFINITY, 0) * w;
    bad += !isinf(creall(z));
    bad += fabsl(powl(three, 3) - 27) > 27 * CLOSE || __builtin_powil(three, -1) - one / three > CLOSE;
    printf("long double %d: %.18Lf\n", bad, one / three);
    return bad;
}
