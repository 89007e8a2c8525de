/* GCC's libatomic where zig's compiler-rt leaves it out: it does so on every ARM above ARMv6, which it takes for one
   without atomic instructions (an ARMv6-M). Objects of 1, 2, 4 and 8 bytes in their natural alignment are changed with
   the instructions that compiled code uses too; all others under a lock that is chosen by address.
   Interface: GCC manual, "Built-in Functions for Memory Model Aware Atomic Operations", and the GCC wiki, Atomic/GCCMM. */
typedef unsigned char u1;
typedef unsigned short u2;
typedef unsigned int u4;
typedef unsigned long long u8;
typedef __SIZE_TYPE__ size;
typedef __UINTPTR_TYPE__ address;

#define NAMED(type, local, name, ...)                                                       \
    __attribute__((weak, visibility("hidden"))) type local(__VA_ARGS__) __asm__(name);      \
    type local(__VA_ARGS__)

static void copy(u1 *to, const u1 *from, size n) {
    while (n--)
        *to++ = *from++;
}

static int same(const u1 *a, const u1 *b, size n) {
    while (n--)
        if (*a++ != *b++)
            return 0;
    return 1;
}

static struct {
    _Alignas(64) u1 held;
} locks[64];

static u1 *lock(const volatile void *p) {
    u1 *held = &locks[((address)p >> 4) % 64].held;
    while (__atomic_test_and_set(held, __ATOMIC_ACQUIRE)) {
    }
    return held;
}

static void unlock(u1 *held) { __atomic_clear(held, __ATOMIC_RELEASE); }

/* Runs `action` with T the type of an object that instructions can change; goes on below it for all others. */
#define AS_WORD(n, p, action)                                    \
    switch ((address)(p) & ((n) - 1) ? 0 : (n)) {                \
    case 1: { typedef u1 T; action; }                            \
    case 2: { typedef u2 T; action; }                            \
    case 4: { typedef u4 T; action; }                            \
    case 8: { typedef u8 T; action; }                            \
    }

#define SC __ATOMIC_SEQ_CST

NAMED(void, load, "__atomic_load", size n, void *p, void *result, int order) {
    (void)order;
    AS_WORD(n, p, T was = __atomic_load_n((T *)p, SC); copy(result, (u1 *)&was, n); return)
    u1 *held = lock(p);
    copy(result, p, n);
    unlock(held);
}

NAMED(void, store, "__atomic_store", size n, void *p, void *value, int order) {
    (void)order;
    AS_WORD(n, p, T now; copy((u1 *)&now, value, n); __atomic_store_n((T *)p, now, SC); return)
    u1 *held = lock(p);
    copy(p, value, n);
    unlock(held);
}

NAMED(void, exchange, "__atomic_exchange", size n, void *p, void *value, void *result, int order) {
    (void)order;
    AS_WORD(n, p, T now; copy((u1 *)&now, value, n); now = __atomic_exchange_n((T *)p, now, SC);
            copy(result, (u1 *)&now, n); return)
    u1 *held = lock(p);
    /* result may be value */
    while (n--) {
        u1 was = ((u1 *)p)[n];
        ((u1 *)p)[n] = ((u1 *)value)[n];
        ((u1 *)result)[n] = was;
    }
    unlock(held);
}

NAMED(int, compare_exchange, "__atomic_compare_exchange", size n, void *p, void *expected, void *value, int success, int failure) {
    (void)success, (void)failure;
    AS_WORD(n, p, T was; T now; copy((u1 *)&was, expected, n); copy((u1 *)&now, value, n);
            int done = __atomic_compare_exchange_n((T *)p, &was, now, 0, SC, SC); copy(expected, (u1 *)&was, n);
            return done)
    u1 *held = lock(p);
    int done = same(p, expected, n);
    if (done)
        copy(p, value, n);
    else
        copy(expected, p, n);
    unlock(held);
    return done;
}

#define FETCH(T, n, operation)                                                              \
    NAMED(T, fetch_##operation##_##n, "__atomic_fetch_" #operation "_" #n, volatile T *p, T operand, int order) { \
        (void)order;                                                                        \
        return __atomic_fetch_##operation(p, operand, SC);                                  \
    }

#define SIZED(T, n)                                                                         \
    NAMED(T, load_##n, "__atomic_load_" #n, volatile T *p, int order) {                     \
        (void)order;                                                                        \
        return __atomic_load_n(p, SC);                                                      \
    }                                                                                       \
    NAMED(void, store_##n, "__atomic_store_" #n, volatile T *p, T value, int order) {       \
        (void)order;                                                                        \
        __atomic_store_n(p, value, SC);                                                     \
    }                                                                                       \
    NAMED(T, exchange_##n, "__atomic_exchange_" #n, volatile T *p, T value, int order) {    \
        (void)order;                                                                        \
        return __atomic_exchange_n(p, value, SC);                                           \
    }                                                                                       \
    NAMED(int, compare_exchange_##n, "__atomic_compare_exchange_" #n, volatile T *p, T *expected, T value, int success, \
          int failure) {                                                                    \
        (void)success, (void)failure;                                                       \
        return __atomic_compare_exchange_n(p, expected, value, 0, SC, SC);                  \
    }                                                                                       \
    FETCH(T, n, add) FETCH(T, n, sub) FETCH(T, n, and) FETCH(T, n, or) FETCH(T, n, xor) FETCH(T, n, nand)

SIZED(u1, 1)
SIZED(u2, 2)
SIZED(u4, 4)
SIZED(u8, 8)
