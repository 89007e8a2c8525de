/* A program that an emulator with a toy of a C library runs: data that is relocated, a call through a pointer,
   and calls of libSystem. */
#include <stdio.h>
#include <stdlib.h>

static const char *const lines[] = {"hello from macOS", "and again"};

static int say(const char *line) { return puts(line); }

int (*volatile speak)(const char *) = say;

int main(void)
{
    for (int i = 0; i < 2; i++)
        speak(lines[i]);
    return getenv("NOWHERE") ? 1 : 40;
}
