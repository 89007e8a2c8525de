// A library with static objects of each kind that C++ has: each must be destroyed once, at dlclose.
#include <cstdio>
#include <string>

namespace {

struct Noisy {
    std::string name;
    explicit Noisy(const char *n) : name(n) {}
    ~Noisy() { std::printf("destroyed %s\n", name.c_str()); }
};

Noisy global("global");

} // namespace

extern "C" void start() {
    static Noisy local("local");
    std::puts("started");
}
