/* A string through LZMA2 and back. */
#include <lzma.h>
#include <stdio.h>
#include <string.h>

int main(void)
{
    const uint8_t text[] = "one two two two two two two two two three";
    uint8_t packed[400], back[400];
    size_t n = 0, in = 0, m = 0;
    uint64_t limit = UINT64_MAX;
    if (lzma_easy_buffer_encode(6, LZMA_CHECK_CRC64, NULL, text, sizeof text, packed, &n, sizeof packed) != LZMA_OK) return 1;
    if (lzma_stream_buffer_decode(&limit, 0, NULL, packed, &in, n, back, &m, sizeof back) != LZMA_OK) return 2;
    if (m != sizeof text || memcmp(back, text, m)) return 3;
    printf("xz %s: %zu\n", lzma_version_string(), n);
    return 0;
}
