// Catches what a shared library throws, and throws through it.
#include "thrower.h"
#include <iostream>

int main() {
    int caught = 0;
    try {
        throw_own();
    } catch (const Thrown &e) {
        caught += e.code == 5;
    }
    try {
        throw_standard();
    } catch (const std::logic_error &e) {
        caught += std::string(e.what()) == "standard";
    }
    try {
        throw_number();
    } catch (int number) {
        caught += number == 6;
    }
    try {
        call_back([] { throw Thrown("through", 8); });
    } catch (const std::exception &e) {
        caught += dynamic_cast<const Thrown *>(&e)->code == 8;
    }
    Base *base = make_derived();
    caught += dynamic_cast<Derived *>(base) != nullptr && base->id() == 7;
    delete base;
    std::cout << "caught " << caught << " of 5" << std::endl;
}
