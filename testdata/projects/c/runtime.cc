// The parts of C++ that need a runtime library: exceptions, RTTI, threads, iostreams, filesystem, thread_local.
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <fstream>
#include <future>
#include <iomanip>
#include <iostream>
#include <map>
#include <memory>
#include <mutex>
#include <regex>
#include <sstream>
#include <stdexcept>
#include <string>
#include <thread>
#include <typeinfo>
#include <vector>

#define CHECK(condition)                                                                                               \
    do {                                                                                                               \
        if (!(condition)) {                                                                                            \
            std::cout << "failed: " #condition << std::endl;                                                           \
            std::exit(1);                                                                                              \
        }                                                                                                              \
    } while (0)

namespace {

struct Shape {
    virtual ~Shape() = default;
};
struct Named {
    virtual ~Named() = default;
    std::string name = "named";
};
struct Circle : Shape, Named {};
struct Square : virtual Shape {};

struct Failure : std::runtime_error {
    using std::runtime_error::runtime_error;
};

std::atomic<int> destroyed{0};
struct PerThread {
    int value = 1;
    ~PerThread() { destroyed += value; }
};
thread_local PerThread per_thread;

void exceptions() {
    int unwound = 0;
    struct Counts {
        int &n;
        ~Counts() { n++; }
    };
    std::exception_ptr kept;
    try {
        try {
            Counts counts{unwound};
            throw Failure("inner");
        } catch (const std::runtime_error &e) {
            CHECK(typeid(e) == typeid(Failure));
            std::throw_with_nested(std::logic_error("outer"));
        }
    } catch (const std::logic_error &e) {
        kept = std::current_exception();
        try {
            std::rethrow_if_nested(e);
            CHECK(false);
        } catch (const Failure &inner) {
            CHECK(std::string(inner.what()) == "inner");
        }
    }
    CHECK(unwound == 1 && kept);
    std::string seen;
    std::thread([&] {
        try {
            std::rethrow_exception(kept);
        } catch (const std::logic_error &e) {
            seen = e.what();
        }
    }).join();
    CHECK(seen == "outer");
    bool bad_alloc = false;
    try {
        std::vector<char> v;
        v.reserve(v.max_size() / 2);
    } catch (const std::exception &) {
        bad_alloc = true;
    }
    CHECK(bad_alloc);
}

void rtti() {
    Circle circle;
    Shape *shape = &circle;
    CHECK(dynamic_cast<Named *>(shape)->name == "named");
    CHECK(dynamic_cast<Square *>(shape) == nullptr);
    CHECK(typeid(*shape) == typeid(Circle));
    bool bad_cast = false;
    try {
        (void)dynamic_cast<Square &>(*shape);
    } catch (const std::bad_cast &) {
        bad_cast = true;
    }
    CHECK(bad_cast);
}

void threads() {
    std::mutex mutex;
    std::condition_variable ready;
    int waiting = 0;
    std::vector<std::thread> workers;
    for (int i = 0; i < 4; i++)
        workers.emplace_back([&] {
            per_thread.value = 1;
            std::lock_guard<std::mutex> lock(mutex);
            waiting++;
            ready.notify_one();
        });
    {
        std::unique_lock<std::mutex> lock(mutex);
        ready.wait(lock, [&] { return waiting == 4; });
    }
    for (auto &worker : workers)
        worker.join();
    CHECK(destroyed == 4);
    CHECK(std::async(std::launch::async, [] { return 42; }).get() == 42);
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
}

void streams() {
    std::ostringstream out;
    out << std::setw(6) << std::setfill('0') << 42 << ' ' << std::hex << 255 << ' ' << 1.5;
    CHECK(out.str() == "000042 ff 1.5");
    CHECK(std::regex_match("xcc-1.2", std::regex("xcc-[0-9.]+")));
    std::map<std::string, int> map{{"one", 1}};
    CHECK(map.at("one") == 1);
}

void files(const std::string &where) {
    namespace fs = std::filesystem;
    fs::path dir = fs::path(where) / "made by c++";
    fs::create_directories(dir);
    std::ofstream(dir / "file") << "text\n";
    std::string line;
    std::ifstream(dir / "file") >> line;
    CHECK(line == "text");
    CHECK(fs::file_size(dir / "file") == 5);
    int count = 0;
    for (const auto &entry : fs::recursive_directory_iterator(where)) {
        (void)entry;
        count++;
    }
    CHECK(count == 2);
    CHECK(fs::remove_all(dir) == 2);
}

} // namespace

int main(int argc, char **argv) {
    exceptions();
    rtti();
    threads();
    streams();
    files(argc > 1 ? argv[1] : ".");
    std::cout << "all of C++" << std::endl;
}
