/* The question of C11's atomic_is_lock_free and C++'s is_lock_free about sizes that the compiler does not decide itself;
   in GCC's libatomic, and in no compiler-rt of zig's. */
__attribute__((weak, visibility("hidden"))) _Bool is_lock_free(__SIZE_TYPE__ size, const volatile void *object)
    __asm__("__atomic_is_lock_free");
_Bool is_lock_free(__SIZE_TYPE__ size, const volatile void *object) {
    int aligned = ((__UINTPTR_TYPE__)object & (size - 1)) == 0;
    switch (size) {
    case 1: return __atomic_always_lock_free(1, 0);
    case 2: return __atomic_always_lock_free(2, 0) && aligned;
    case 4: return __atomic_always_lock_free(4, 0) && aligned;
    case 8: return __atomic_always_lock_free(8, 0) && aligned;
    default: return 0;
    }
}
