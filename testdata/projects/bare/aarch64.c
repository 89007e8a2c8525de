// Start of an AArch64 processor, and the debugger's calls (semihosting) to print and to end.
int main(void);
void put(const char *text);
void start(void);
void finish(long status);

static long call(long number, const void *argument) {
  register long x0 __asm__("x0") = number;
  register const void *x1 __asm__("x1") = argument;
  __asm__ volatile("hlt #0xf000" : "+r"(x0) : "r"(x1) : "memory");
  return x0;
}

void put(const char *text) { call(4, text); }

void finish(long status) {
  const long exited[] = {0x20026, status};
  for (;;) call(0x20, exited);
}

__attribute__((naked, section(".vectors"))) void start(void) {
  __asm__("ldr x0, =__stack\n mov sp, x0\n"
#ifdef __ARM_FP
          "mov x0, #0x300000\n msr cpacr_el1, x0\n isb\n"
#endif
          "bl main\n bl finish");
}
