/* A library's own iconv.h, of a kind that warns under -Wall -Wextra when it is not a system header. */
#define MY_OWN_ICONV 1
static inline int my_own_iconv(int used) {
    int unused_variable;
    return used == 0u - 1u ? 1 : 0;
}
static int unused_function(int parameter) { return 0; }
