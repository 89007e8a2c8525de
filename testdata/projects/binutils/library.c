// A library with two versions of one symbol.
int first(void) { return 1; }
int second(void) { return 2; }
__asm__(".symver first, number@ONE");
__asm__(".symver second, number@@TWO");
int other(void) { return 3; }
