/* A string through brotli and back. */
#include <brotli/decode.h>
#include <brotli/encode.h>
#include <stdio.h>
#include <string.h>

int main(void)
{
    const uint8_t text[] = "one two two two two two two two two three";
    uint8_t packed[400], back[400];
    size_t n = sizeof packed, m = sizeof back;
    if (!BrotliEncoderCompress(11, 22, BROTLI_MODE_TEXT, sizeof text, text, &n, packed)) return 1;
    if (BrotliDecoderDecompress(n, packed, &m, back) != BROTLI_DECODER_RESULT_SUCCESS || memcmp(text, back, m)) return 2;
    printf("brotli %x: %zu\n", BrotliEncoderVersion(), n);
    return 0;
}
