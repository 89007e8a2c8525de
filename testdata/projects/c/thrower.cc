// A shared library whose exceptions and classes leave it.
#include "thrower.h"
#include <string>

Thrown::~Thrown() = default;
Base::~Base() = default;
int Derived::id() const { return 7; }

void throw_own() { throw Thrown("own", 5); }
void throw_standard() { throw std::out_of_range(std::string("standard")); }
void throw_number() { throw 6; }
void call_back(void (*callback)()) { callback(); }
Base *make_derived() { return new Derived; }
