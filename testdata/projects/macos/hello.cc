// libc++, exceptions, threads and over-aligned objects: all that an older system's libc++ would lack is in the program.
#include <filesystem>
#include <iostream>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

struct alignas(64) Wide {
    int x;
};

int main()
{
    try {
        std::vector<std::string> names{"a"};
        delete new Wide;
        std::thread([] {}).join();
        throw std::runtime_error(names.at(0) + std::filesystem::current_path().string());
    } catch (const std::exception &error) {
        std::cout << error.what() << '\n';
    }
}
