/* History, which needs no terminal. */
#include <stdio.h>
#include <readline/history.h>
#include <readline/readline.h>

int main(void)
{
    using_history();
    add_history("one");
    add_history("two");
    printf("readline %s: %d %s\n", rl_library_version, history_length, history_get(2)->line);
    return 0;
}
