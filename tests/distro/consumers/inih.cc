// Reads a configuration from memory.
#include <INIReader.h>
#include <cstdio>
#include <cstring>
#include <ini.h>

static int count(void *user, const char *, const char *, const char *) { return ++*static_cast<int *>(user); }

int main()
{
    int entries = 0;
    const char text[] = "[a]\nx = 1\ny = 2\n";
    if (ini_parse_string(text, count, &entries)) return 1;
    INIReader reader(text, std::strlen(text));
    std::printf("inih: %d %ld\n", entries, reader.GetInteger("a", "y", 0));
    return reader.ParseError();
}
