// Exceptions, type information, threads and streams of the C++ library.
#include <iostream>
#include <stdexcept>
#include <thread>
#include <typeinfo>

struct Base {
    virtual ~Base() {}
};
struct Derived : Base {};

int main() {
    try {
        throw std::runtime_error("caught");
    } catch (const std::exception &e) {
        int result = 0;
        std::thread([&] { result = 42; }).join();
        Base *base = new Derived;
        std::cout << e.what() << ' ' << result << ' ' << (dynamic_cast<Derived *>(base) != nullptr) << '\n';
        delete base;
    }
}
