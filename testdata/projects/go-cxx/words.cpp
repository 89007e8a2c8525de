// The C++ side: streams, containers, virtual calls, and an exception that is thrown through several frames and
// caught before it can reach C.
#include "words.h"

#include <iostream>
#include <map>
#include <memory>
#include <sstream>
#include <stdexcept>
#include <string>

namespace {

struct Node {
    virtual ~Node() = default;
    virtual int walk(int depth) const = 0;
};

struct Leaf : Node {
    int walk(int depth) const override { throw std::out_of_range("leaf at depth " + std::to_string(depth)); }
};

struct Branch : Node {
    explicit Branch(std::unique_ptr<Node> below) : below(std::move(below)) {}
    int walk(int depth) const override { return below->walk(depth + 1); }
    std::unique_ptr<Node> below;
};

} // namespace

extern "C" int words_print(const char *text)
{
    std::map<std::string, int> counts;
    std::istringstream words(text);
    for (std::string word; words >> word;)
        ++counts[word];
    for (const auto &[word, count] : counts)
        std::cout << word << "=" << count << " ";
    std::cout << std::endl;
    return static_cast<int>(counts.size());
}

extern "C" int words_caught(int depth)
{
    std::unique_ptr<Node> node = std::make_unique<Leaf>();
    for (int i = 0; i < depth; ++i)
        node = std::make_unique<Branch>(std::move(node));
    try {
        return node->walk(0);
    } catch (const std::logic_error &e) {
        const bool leaf = dynamic_cast<const std::out_of_range *>(&e) != nullptr;
        std::cout << "caught: " << e.what() << (leaf ? " (out_of_range)" : "") << std::endl;
        return -1;
    }
}
