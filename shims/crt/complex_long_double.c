/* Multiplication and division of complex long double. zig's compiler-rt has none for the long double of PowerPC, and on
   x86-64 returns the result in memory, where the System V ABI (3.2.3, class COMPLEX_X87) has it in st0 and st1. */
#ifdef __x86_64__
#define MULTIPLY "__mulxc3"
#define DIVIDE "__divxc3"
#else
#define MULTIPLY "__multc3"
#define DIVIDE "__divtc3"
#endif

typedef long double real;
typedef _Complex long double complex;

#define NAMED(local, name)                                                                                         \
    __attribute__((weak, visibility("hidden"))) complex local(real a, real b, real c, real d) __asm__(name);       \
    complex local(real a, real b, real c, real d)

static complex complex_of(real x, real y) {
    complex z;
    __real__ z = x;
    __imag__ z = y;
    return z;
}

static int infinite(real x) { return __builtin_isinf(x); }
static int not_a_number(real x) { return __builtin_isnan(x); }
static int finite(real x) { return !infinite(x) && !not_a_number(x); }

/* One for an infinity and zero for anything else, with the sign. */
static real boxed(real x) { return __builtin_copysignl(infinite(x) ? 1 : 0, x); }
static real zero_for_nan(real x) { return not_a_number(x) ? __builtin_copysignl(0, x) : x; }

/* C11, G.5.1: a product with an infinite factor is infinite. */
NAMED(multiply, MULTIPLY) {
    real x = a * c - b * d, y = a * d + b * c;
    if (!not_a_number(x) || !not_a_number(y))
        return complex_of(x, y);
    int again = infinite(a * c) || infinite(b * d) || infinite(a * d) || infinite(b * c);
    if (infinite(a) || infinite(b)) {
        a = boxed(a), b = boxed(b), c = zero_for_nan(c), d = zero_for_nan(d);
        again = 1;
    }
    if (infinite(c) || infinite(d)) {
        c = boxed(c), d = boxed(d), a = zero_for_nan(a), b = zero_for_nan(b);
        again = 1;
    }
    if (!again)
        return complex_of(x, y);
    a = zero_for_nan(a), b = zero_for_nan(b), c = zero_for_nan(c), d = zero_for_nan(d);
    real infinity = __builtin_infl();
    return complex_of(infinity * (a * c - b * d), infinity * (a * d + b * c));
}

/* C11, G.5.1, by the ratio of the divisor's parts, whose squares might be out of range (Smith). */
NAMED(divide, DIVIDE) {
    real x, y;
    if (__builtin_fabsl(c) >= __builtin_fabsl(d)) {
        real ratio = d / c, divisor = c + d * ratio;
        x = (a + b * ratio) / divisor, y = (b - a * ratio) / divisor;
    } else {
        real ratio = c / d, divisor = c * ratio + d;
        x = (a * ratio + b) / divisor, y = (b * ratio - a) / divisor;
    }
    if (!not_a_number(x) || !not_a_number(y))
        return complex_of(x, y);
    if (c == 0 && d == 0 && (!not_a_number(a) || !not_a_number(b))) {
        real infinity = __builtin_copysignl(__builtin_infl(), c);
        return complex_of(infinity * a, infinity * b);
    }
    if ((infinite(a) || infinite(b)) && finite(c) && finite(d)) {
        a = boxed(a), b = boxed(b);
        return complex_of(__builtin_infl() * (a * c + b * d), __builtin_infl() * (b * c - a * d));
    }
    if ((infinite(c) || infinite(d)) && finite(a) && finite(b)) {
        c = boxed(c), d = boxed(d);
        return complex_of(0 * (a * c + b * d), 0 * (b * c - a * d));
    }
    return complex_of(x, y);
}
