#include <stdio.h>
__attribute__((visibility("default"))) int answer = 42;
static int hidden_counter = 7;
__attribute__((noinline)) static int local_helper(int n) { return n * hidden_counter; }
__attribute__((noinline)) int shared_function(int n) { return local_helper(n) + answer; }
int main(void) { puts("hi"); hidden_counter++; return shared_function(0) == 42 ? 0 : 1; }
