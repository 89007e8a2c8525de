/* compiler-rt's and a C library's part in code for x86_64 that may not touch floating-point registers: zig cannot build
   its compiler-rt without them. Everything else that clang calls there is inline. */
typedef unsigned long size_t;
typedef unsigned long long u64;
typedef __int128 s128;
typedef unsigned __int128 u128;

void *memcpy(void *restrict to, const void *restrict from, size_t n);
void *memmove(void *to, const void *from, size_t n);
void *memset(void *to, int byte, size_t n);
int memcmp(const void *a, const void *b, size_t n);
int bcmp(const void *a, const void *b, size_t n);
size_t strlen(const char *s);
u128 __udivmodti4(u128 n, u128 d, u128 *rest);
u128 __udivti3(u128 n, u128 d);
u128 __umodti3(u128 n, u128 d);
s128 __divti3(s128 n, s128 d);
s128 __modti3(s128 n, s128 d);

#define WEAK __attribute__((weak))

WEAK void *memcpy(void *restrict to, const void *restrict from, size_t n) {
  void *at = to;
  __asm__ volatile("rep movsb" : "+D"(at), "+S"(from), "+c"(n) : : "memory");
  return to;
}

WEAK void *memmove(void *to, const void *from, size_t n) {
  if ((size_t)to - (size_t)from >= n) return memcpy(to, from, n);
  char *at = (char *)to + n - 1;
  from = (const char *)from + n - 1;
  __asm__ volatile("std\n\trep movsb\n\tcld" : "+D"(at), "+S"(from), "+c"(n) : : "memory", "cc");
  return to;
}

WEAK void *memset(void *to, int byte, size_t n) {
  void *at = to;
  __asm__ volatile("rep stosb" : "+D"(at), "+c"(n) : "a"(byte) : "memory");
  return to;
}

WEAK int memcmp(const void *a, const void *b, size_t n) {
  const unsigned char *p = a, *q = b;
  for (; n; n--, p++, q++)
    if (*p != *q) return *p - *q;
  return 0;
}

WEAK int bcmp(const void *a, const void *b, size_t n) { return memcmp(a, b, n); }

WEAK size_t strlen(const char *s) {
  const char *end = s;
  while (*end) end++;
  return (size_t)(end - s);
}

/* The instruction: 128 bits by 64, where the quotient has 64. */
static u64 divide(u64 high, u64 low, u64 by, u64 *rest) {
  u64 quotient;
  __asm__("divq %4" : "=a"(quotient), "=d"(*rest) : "a"(low), "d"(high), "r"(by) : "cc");
  return quotient;
}

WEAK u128 __udivmodti4(u128 n, u128 d, u128 *rest) {
  u128 quotient = 0, left = n;
  if (d >> 64 == 0) {
    u64 high = (u64)(n >> 64), by = (u64)d, remainder;
    u64 top = divide(0, high, by, &remainder);
    quotient = (u128)top << 64 | divide(remainder, (u64)n, by, &remainder);
    left = remainder;
  } else if (n >= d) {
    int shift = __builtin_clzll((u64)(d >> 64)) - __builtin_clzll((u64)(n >> 64));
    for (d <<= shift; shift >= 0; shift--, d >>= 1) {
      quotient <<= 1;
      if (left >= d) left -= d, quotient |= 1;
    }
  }
  if (rest) *rest = left;
  return quotient;
}

WEAK u128 __udivti3(u128 n, u128 d) { return __udivmodti4(n, d, 0); }

WEAK u128 __umodti3(u128 n, u128 d) {
  u128 rest;
  __udivmodti4(n, d, &rest);
  return rest;
}

static u128 magnitude(s128 n) { return n < 0 ? -(u128)n : (u128)n; }

WEAK s128 __divti3(s128 n, s128 d) {
  u128 quotient = __udivmodti4(magnitude(n), magnitude(d), 0);
  return (s128)((n < 0) != (d < 0) ? -quotient : quotient);
}

WEAK s128 __modti3(s128 n, s128 d) {
  u128 rest = __umodti3(magnitude(n), magnitude(d));
  return (s128)(n < 0 ? -rest : rest);
}
