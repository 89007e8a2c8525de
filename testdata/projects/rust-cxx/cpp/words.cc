// Streams, containers, exceptions and a call back into Rust.
#include "rust-cxx/cpp/words.h"

#include <iostream>
#include <map>
#include <sstream>
#include <stdexcept>
#include <vector>

static std::vector<std::string> split(const std::string &text)
{
    std::istringstream in(text);
    std::vector<std::string> words;
    for (std::string word; in >> word;)
        words.push_back(word);
    return words;
}

std::size_t Words::print() const
{
    std::map<std::string, int> counts;
    for (const auto &word : split(text))
        ++counts[word];
    for (const auto &[word, count] : counts)
        std::cout << word << "=" << count << " ";
    std::cout << std::endl;
    return counts.size();
}

rust::String Words::nth(std::size_t n) const
{
    const auto words = split(text);
    if (n >= words.size())
        throw std::out_of_range("no word " + std::to_string(n) + " of " + std::to_string(words.size()));
    return words[n];
}

std::unique_ptr<Words> words_new(const std::string &text)
{
    if (text.empty())
        throw std::invalid_argument("no text");
    return std::make_unique<Words>(text);
}

std::int64_t sum_of(std::size_t n, rust::Fn<std::int64_t(std::size_t)> f)
{
    std::int64_t sum = 0;
    for (std::size_t i = 0; i < n; i++)
        sum += f(i);
    return sum;
}
