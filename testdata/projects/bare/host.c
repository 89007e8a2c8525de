// The same program where there is a system.
#include <stdio.h>

void put(const char *text);
void put(const char *text) { fputs(text, stdout); }
