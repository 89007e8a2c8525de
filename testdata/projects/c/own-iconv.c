/* Which iconv.h is it: the user's own of -isystem, or libc's? */
#include <iconv.h>
#ifndef MY_OWN_ICONV
#error "libc's iconv.h came before the user's"
#endif
int main(void) { return my_own_iconv(0); }
