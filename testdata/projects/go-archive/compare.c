/* Go cannot call a C function pointer itself. */
#include <stdint.h>

typedef int (*compare)(int32_t, int32_t);

int call_compare(compare f, int32_t a, int32_t b);

int call_compare(compare f, int32_t a, int32_t b)
{
    return f(a, b);
}
