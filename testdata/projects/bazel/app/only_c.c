#include <stdio.h>

#include "app/words.h"

int main(void) {
    printf("%d words\n", words("one two three"));
}
