// Formats, and catches what the library throws.
#include <fmt/core.h>
#include <fmt/format.h>
#include <string>

int main()
{
    std::string what;
    try {
        (void)fmt::format(fmt::runtime("{:d}"), "no number");
    } catch (const fmt::format_error &error) {
        what = error.what();
    }
    fmt::print("fmt {}: {:>6.2f} {}\n", FMT_VERSION, 3.14159, what);
    return what.empty();
}
