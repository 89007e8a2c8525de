#include <stdio.h>
__declspec(dllimport) int twice(int);
__declspec(dllimport) extern int answer;

int main(void) {
    printf("%d %d\n", twice(21), answer);
    return 0;
}
