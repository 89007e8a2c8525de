/* A string through bzip2 and back. */
#include <bzlib.h>
#include <stdio.h>
#include <string.h>

int main(void)
{
    char text[] = "one two two two two two two two two three", packed[800], back[200];
    unsigned n = sizeof packed, m = sizeof back;
    if (BZ2_bzBuffToBuffCompress(packed, &n, text, sizeof text, 9, 0, 0) != BZ_OK) return 1;
    if (BZ2_bzBuffToBuffDecompress(back, &m, packed, n, 0, 0) != BZ_OK || strcmp(text, back)) return 2;
    printf("bzip2 %s: %u\n", BZ2_bzlibVersion(), n);
    return 0;
}
