#include <iostream>
#include <map>
#include <string>

int main() {
    std::map<std::string, int> numbers{{"two", 2}, {"one", 1}};
    for (const auto &[name, number] : numbers) std::cout << name << '=' << number << ' ';
    std::cout << '\n';
}
