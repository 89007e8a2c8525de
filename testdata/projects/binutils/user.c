// A program that uses all of dll.c.
#include <stdio.h>

__declspec(dllimport) extern int number;
__declspec(dllimport) int twice(int n);
__declspec(dllimport) int __stdcall thrice(int n);

int main(void) {
    printf("%d\n", twice(number) + thrice(1));
    return 0;
}
