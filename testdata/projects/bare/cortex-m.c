// Start of a Cortex-M, and the debugger's calls (semihosting) to print and to end.
#include <stdint.h>

extern uint32_t __stack;
int main(void);
void put(const char *text);
void start(void);
void finish(int status);

__attribute__((section(".vectors"), used)) static const void *const vectors[] = {&__stack, (void *)start};

static int call(int number, const void *argument) {
  register int r0 __asm__("r0") = number;
  register const void *r1 __asm__("r1") = argument;
  __asm__ volatile("bkpt 0xab" : "+r"(r0) : "r"(r1) : "memory");
  return r0;
}

void put(const char *text) { call(4, text); }

void finish(int status) {
  const uint32_t exited[] = {0x20026, (uint32_t)status};
  for (;;) call(0x20, exited);
}

__attribute__((naked)) void start(void) {
  __asm__(
#ifdef __ARM_FP
      "ldr r0, =0xe000ed88\n ldr r1, [r0]\n orr r1, #0xf00000\n str r1, [r0]\n dsb\n isb\n"
#endif
      "bl main\n bl finish");
}
