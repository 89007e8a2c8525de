// Counts in a thread, and reports through an exception.
#include "words.h"
#include <iostream>
#include <stdexcept>
#include <string>
#include <thread>

int main()
{
    unsigned count = 0;
    std::thread thread([&] { count = words("one two  three\n"); });
    thread.join();
    try {
        throw std::runtime_error(std::to_string(count) + " words");
    } catch (const std::exception &what) {
        std::cout << what.what() << '\n';
    }
}
