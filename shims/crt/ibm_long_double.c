/* Arithmetic of the long double of 64-bit PowerPC on glibc: the sum of two doubles, the second at most half a unit in the
   last place of the first. GCC's libgcc has these functions, zig's compiler-rt only those of the IEEE format.
   Interface: 64-bit ELF V2 ABI for Power, 2.2.2.2; the algorithms are Dekker's and Knuth's, with fused multiply-add. */
typedef long double pair;
typedef long long i8;
typedef unsigned long long u8;
typedef __int128 i16;
typedef unsigned __int128 u16;

typedef union {
    pair value;
    struct {
        double high, low;
    };
} parts;

#define NAMED(type, local, name, ...)                                                  \
    __attribute__((weak, visibility("hidden"))) type local(__VA_ARGS__) __asm__(name); \
    type local(__VA_ARGS__)

static parts split(pair value) { return (parts){.value = value}; }

/* high + low, where |high| >= |low| or the sum is not finite. */
static pair joined(double high, double low) {
    double sum = high + low;
    return ((parts){.high = sum, .low = __builtin_isfinite(sum) ? low - (sum - high) : 0}).value;
}

/* What a + b loses by rounding to `sum`. */
static double lost(double a, double b, double sum) {
    double rounded = sum - a;
    return (a - (sum - rounded)) + (b - rounded);
}

static pair only(double value) { return ((parts){.high = value, .low = 0}).value; }

NAMED(pair, add, "__gcc_qadd", pair x, pair y) {
    parts a = split(x), b = split(y);
    double high = a.high + b.high;
    if (!__builtin_isfinite(high))
        return only(high);
    double low = a.low + b.low;
    parts sum = split(joined(high, lost(a.high, b.high, high) + low));
    return joined(sum.high, sum.low + lost(a.low, b.low, low));
}

NAMED(pair, subtract, "__gcc_qsub", pair x, pair y) {
    parts b = split(y);
    return add(x, ((parts){.high = -b.high, .low = -b.low}).value);
}

NAMED(pair, multiply, "__gcc_qmul", pair x, pair y) {
    parts a = split(x), b = split(y);
    double high = a.high * b.high;
    if (high == 0 || !__builtin_isfinite(high))
        return only(high);
    return joined(high, __builtin_fma(a.high, b.high, -high) + (a.high * b.low + a.low * b.high));
}

NAMED(pair, divide, "__gcc_qdiv", pair x, pair y) {
    parts a = split(x), b = split(y);
    double high = a.high / b.high;
    if (high == 0 || !__builtin_isfinite(high) || !__builtin_isfinite(b.high))
        return only(high);
    double rest = __builtin_fma(-high, b.high, a.high) + (a.low - high * b.low);
    return joined(high, rest / b.high);
}

/* Towards zero. Where the high part is not whole, the low part is too small to matter. */
#define TO_INTEGER(T, local, name, convert)                                             \
    NAMED(T, local, name, pair x) {                                                     \
        parts a = split(x);                                                             \
        if (__builtin_trunc(a.high) != a.high)                                          \
            return convert(a.high);                                                     \
        double low = a.high > 0 ? __builtin_floor(a.low) : __builtin_ceil(a.low);       \
        return (T)((u16)convert(a.high) + (u16)(i16)low);                               \
    }

#define SIGNED(value) ((i16)(value))
#define UNSIGNED(value) ((value) < 0 ? 0 : (u16)(value))
TO_INTEGER(int, to_i4, "__fixtfsi", SIGNED)
TO_INTEGER(unsigned, to_u4, "__fixunstfsi", UNSIGNED)
TO_INTEGER(i8, to_i8, "__fixtfdi", SIGNED)
TO_INTEGER(u8, to_u8, "__fixunstfdi", UNSIGNED)
TO_INTEGER(i16, to_i16, "__fixtfti", SIGNED)
TO_INTEGER(u16, to_u16, "__fixunstfti", UNSIGNED)

#define FROM_INTEGER(T, local, name)                                                    \
    NAMED(pair, local, name, T n) {                                                     \
        double high = (double)n;                                                        \
        return joined(high, (double)(i16)((u16)n - (high < 0 ? (u16)(i16)high : (u16)high))); \
    }
FROM_INTEGER(int, from_i4, "__floatsitf")
FROM_INTEGER(unsigned, from_u4, "__floatunsitf")
FROM_INTEGER(i8, from_i8, "__floatditf")
FROM_INTEGER(u8, from_u8, "__floatunditf")
FROM_INTEGER(i16, from_i16, "__floattitf")
FROM_INTEGER(u16, from_u16, "__floatuntitf")

NAMED(pair, power, "__powitf2", pair base, int exponent) {
    unsigned left = exponent < 0 ? -(unsigned)exponent : (unsigned)exponent;
    pair result = 1;
    for (;; base *= base) {
        if (left & 1)
            result *= base;
        left >>= 1;
        if (!left)
            return exponent < 0 ? 1 / result : result;
    }
}
