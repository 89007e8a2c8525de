#include <stdio.h>
#include <wchar.h>

int wmain(int argc, wchar_t **argv) {
    printf("%d %d\n", argc, argc > 1 ? (int)argv[1][0] : 0);
    return 0;
}
