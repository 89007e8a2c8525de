#include "app/text.h"

#include <stdexcept>

#include "app/words.h"

std::string counted(const std::string &text) {
    if (text.empty()) {
        throw std::invalid_argument("no words");
    }
    return std::to_string(words(text.c_str())) + " words";
}
