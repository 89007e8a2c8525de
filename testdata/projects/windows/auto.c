/* A variable of a DLL without dllimport: the start code finds it (auto-import). */
#include <stdio.h>
extern int answer;

int main(void) {
    printf("%d\n", answer);
    return 0;
}
