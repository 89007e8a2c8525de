/* Stands in for the __sync functions of GCC's libgcc on ARMv5, which has no atomic instructions; zig's compiler-rt calls
   them and does not have them. The kernel's helper at a fixed address does the exchange
   (Linux, Documentation/arch/arm/kernel_user_helpers.rst). Little-endian, as all of xcc's ARMv5 targets are. */
typedef unsigned char u1;
typedef unsigned short u2;
typedef unsigned int u4;
typedef signed char s1;
typedef short s2;
typedef int s4;

/* Zero when *word was old and is now new. */
#define kernel_cmpxchg (*(int (*)(int old, int new, volatile int *word))0xffff0fc0)
#define kernel_barrier (*(void (*)(void))0xffff0fa0)

/* The word that holds an object, and where in it the object is. */
#define WORD(p) ((volatile int *)((u4)(p) & ~3u))
#define SHIFT(p) (((u4)(p) & 3) * 8)
#define MASK(size, p) ((size) == 4 ? ~0u : ((1u << (size) * 8) - 1) << SHIFT(p))

#define FUNCTION(result, name, size) \
    __attribute__((weak, visibility("hidden"))) result name##_##size

/* name_size(p, operand): replaces *p by an expression of `was` and `operand`; gives what it was. */
#define UPDATE(name, size, type, expression)                                           \
    FUNCTION(type, name, size)(volatile void *p, type operand) __asm__("__sync_" #name "_" #size); \
    FUNCTION(type, name, size)(volatile void *p, type operand) {                       \
        for (;;) {                                                                     \
            int old = *WORD(p);                                                        \
            type was = (type)((u4)old >> SHIFT(p));                                    \
            u4 now = (u4)(type)(expression);                                           \
            int new = (int)(((u4)old & ~MASK(size, p)) | ((now << SHIFT(p)) & MASK(size, p))); \
            if (kernel_cmpxchg(old, new, WORD(p)) == 0)                                \
                return was;                                                            \
        }                                                                              \
    }

#define COMPARE_AND_SWAP(size, type)                                                   \
    FUNCTION(type, val_compare_and_swap, size)(volatile void *p, type expected, type wanted) \
        __asm__("__sync_val_compare_and_swap_" #size);                                 \
    FUNCTION(type, val_compare_and_swap, size)(volatile void *p, type expected, type wanted) { \
        for (;;) {                                                                     \
            int old = *WORD(p);                                                        \
            type was = (type)((u4)old >> SHIFT(p));                                    \
            int new = (int)(((u4)old & ~MASK(size, p)) | (((u4)wanted << SHIFT(p)) & MASK(size, p))); \
            if (was != expected) {                                                     \
                kernel_barrier();                                                      \
                return was;                                                            \
            }                                                                          \
            if (kernel_cmpxchg(old, new, WORD(p)) == 0)                                \
                return was;                                                            \
        }                                                                              \
    }

#define ALL(size, type, signed_type)                                                   \
    UPDATE(fetch_and_add, size, type, was + operand)                                   \
    UPDATE(fetch_and_sub, size, type, was - operand)                                   \
    UPDATE(fetch_and_and, size, type, was & operand)                                   \
    UPDATE(fetch_and_or, size, type, was | operand)                                    \
    UPDATE(fetch_and_xor, size, type, was ^ operand)                                   \
    UPDATE(fetch_and_nand, size, type, ~(was & operand))                               \
    UPDATE(fetch_and_umax, size, type, was > operand ? was : operand)                  \
    UPDATE(fetch_and_umin, size, type, was < operand ? was : operand)                  \
    UPDATE(fetch_and_max, size, type, (signed_type)was > (signed_type)operand ? was : operand) \
    UPDATE(fetch_and_min, size, type, (signed_type)was < (signed_type)operand ? was : operand) \
    UPDATE(lock_test_and_set, size, type, operand)                                     \
    COMPARE_AND_SWAP(size, type)

ALL(1, u1, s1)
ALL(2, u2, s2)
ALL(4, u4, s4)

__attribute__((weak, visibility("hidden"))) void synchronize(void) __asm__("__sync_synchronize");
void synchronize(void) { kernel_barrier(); }
