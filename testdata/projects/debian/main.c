/* Prints the count of words of a text. */
#include "words.h"
#include <stdio.h>

int main(void)
{
    return printf("%u words\n", words("one two  three\n")) < 0;
}
