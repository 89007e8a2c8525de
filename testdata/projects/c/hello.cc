// The first C++ program of every target: an exception, a string on the heap, and iostreams.
#include <iostream>
#include <stdexcept>
#include <string>

int main() {
    try {
        throw std::runtime_error("hello from C++, " + std::to_string(sizeof(void *) * 8) + " bits");
    } catch (const std::exception &e) {
        std::cout << e.what() << std::endl;
    }
}
