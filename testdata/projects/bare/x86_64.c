// Linux's calls in the place of a machine's: the code and the libraries are those of a kernel.
int main(void);
void put(const char *text);
void start(void);
void finish(long status);

static long call(long number, long a, const void *b, long c) {
  __asm__ volatile("syscall" : "+a"(number) : "D"(a), "S"(b), "d"(c) : "rcx", "r11", "memory");
  return number;
}

void put(const char *text) {
  long length = 0;
  while (text[length]) length++;
  call(1, 1, text, length);
}

void finish(long status) { call(60, status, 0, 0); }

__attribute__((naked, section(".vectors"))) void start(void) { __asm__("call main\n mov %rax, %rdi\n call finish"); }
