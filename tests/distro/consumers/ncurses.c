/* The parts of ncurses that need no terminal. */
#include <curses.h>
#include <stdio.h>
#include <term.h>

int main(void)
{
    int error;
    printf("%s: key %s, setupterm %d\n", curses_version(), keyname(KEY_LEFT), setupterm("no-such-terminal", 1, &error));
    return 0;
}
