// What the library that throws and the program that catches both know.
#pragma once
#include <stdexcept>

struct Thrown : std::runtime_error {
    int code;
    Thrown(const char *what, int c) : std::runtime_error(what), code(c) {}
    ~Thrown() override;
};

struct Base {
    virtual ~Base();
    virtual int id() const = 0;
};

struct Derived : Base {
    int id() const override;
};

void throw_own();
void throw_standard();
void throw_number();
void call_back(void (*callback)());
Base *make_derived();
