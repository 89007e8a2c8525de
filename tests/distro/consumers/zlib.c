/* A string through deflate and back. */
#include <stdio.h>
#include <string.h>
#include <zlib.h>

int main(void)
{
    const char *text = "one two two two two two two two two three";
    unsigned char packed[200], back[200];
    uLongf n = sizeof packed, m = sizeof back;
    if (compress(packed, &n, (const unsigned char *)text, strlen(text) + 1) != Z_OK) return 1;
    if (uncompress(back, &m, packed, n) != Z_OK || strcmp((char *)back, text)) return 2;
    printf("zlib %s: %lu\n", zlibVersion(), n);
    return 0;
}
