#include <iostream>
#include <stdexcept>

#include "app/text.h"

int main() {
    try {
        counted("");
    } catch (const std::invalid_argument &) {
        std::cout << counted("one two three") << "\n";
    }
}
