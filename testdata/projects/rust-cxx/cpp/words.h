// The C++ side, as the bridge sees it.
#pragma once
#include <cstdint>
#include <memory>
#include <string>

#include "rust/cxx.h"

class Words {
public:
    explicit Words(std::string text) : text(std::move(text)) {}
    // How many distinct words; prints them with how often each occurs.
    std::size_t print() const;
    // The nth word; throws std::out_of_range.
    rust::String nth(std::size_t n) const;

private:
    std::string text;
};

std::unique_ptr<Words> words_new(const std::string &text);
// Sums in C++ what a Rust function returns for each number.
std::int64_t sum_of(std::size_t n, rust::Fn<std::int64_t(std::size_t)> f);
