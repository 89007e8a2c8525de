#include "app/words.h"

#include <ctype.h>

int words(const char *text) {
    int count = 0;
    for (int in_word = 0; *text; text++) {
        count += !in_word && !isspace((unsigned char)*text);
        in_word = !isspace((unsigned char)*text);
    }
    return count;
}
