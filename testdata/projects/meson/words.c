/* Counts the words of a text. */
#include "words.h"
#include <ctype.h>

unsigned words(const char *text)
{
    unsigned count = 0, inside = 0;
    for (; *text; text++) {
        unsigned letter = !isspace((unsigned char)*text);
        count += letter && !inside;
        inside = letter;
    }
    return count;
}
