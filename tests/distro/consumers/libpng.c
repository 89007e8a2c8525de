/* Writes a picture to memory and reads it back. */
#include <png.h>
#include <stdio.h>
#include <string.h>

int main(void)
{
    unsigned char pixels[16 * 16 * 3], back[sizeof pixels], file[4096];
    png_alloc_size_t size = sizeof file;
    png_image image = {.version = PNG_IMAGE_VERSION, .width = 16, .height = 16, .format = PNG_FORMAT_RGB};
    for (unsigned i = 0; i < sizeof pixels; i++) pixels[i] = (unsigned char)(i * 7);
    if (!png_image_write_to_memory(&image, file, &size, 0, pixels, 0, NULL)) return 1;
    png_image again = {.version = PNG_IMAGE_VERSION};
    if (!png_image_begin_read_from_memory(&again, file, size)) return 2;
    again.format = PNG_FORMAT_RGB;
    if (!png_image_finish_read(&again, NULL, back, 0, NULL) || memcmp(pixels, back, sizeof back)) return 3;
    printf("libpng %s: %ux%u\n", PNG_LIBPNG_VER_STRING, again.width, again.height);
    return 0;
}
