// What a newlib is for: formatted output, a heap, and the debugger's calls behind them (rdimon).
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int main(void) {
  char *text = malloc(32);
  if (!text) return 1;
  strcpy(text, "newlib");
  printf("hello from %s, %d\n", text, (int)sizeof(long));
  free(text);
  return 42;
}
