#include <ctype.h>
#include <stddef.h>

size_t count_words(const char *text) {
    size_t count = 0;
    for (int inside = 0; *text; text++) {
        int word = !isspace((unsigned char)*text);
        count += word && !inside;
        inside = word;
    }
    return count;
}
