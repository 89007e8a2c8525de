/* A string through zstd and back. */
#include <stdio.h>
#include <string.h>
#include <zstd.h>

int main(void)
{
    const char text[] = "one two two two two two two two two three";
    char packed[400], back[400];
    size_t n = ZSTD_compress(packed, sizeof packed, text, sizeof text, 19);
    if (ZSTD_isError(n) || ZSTD_decompress(back, sizeof back, packed, n) != sizeof text || strcmp(text, back)) return 1;
    printf("zstd %s: %zu\n", ZSTD_versionString(), n);
    return 0;
}
