// Start of an Arm processor that is no Cortex-M, and the debugger's calls (semihosting) to print and to end.
int main(void);
void put(const char *text);
void start(void);
void finish(int status);

static int call(int number, const void *argument) {
  register int r0 __asm__("r0") = number;
  register const void *r1 __asm__("r1") = argument;
  __asm__ volatile("svc 0x123456" : "+r"(r0) : "r"(r1) : "memory", "lr");
  return r0;
}

void put(const char *text) { call(4, text); }

void finish(int status) {
  const int exited[] = {0x20026, status};
  for (;;) call(0x20, exited);
}

__attribute__((naked, section(".vectors"))) void start(void) {
  __asm__("ldr sp, =__stack\n"
#ifdef __ARM_FP
          "mrc p15, 0, r0, c1, c0, 2\n orr r0, r0, #0xf00000\n mcr p15, 0, r0, c1, c0, 2\n mov r0, #0x40000000\n vmsr fpexc, r0\n"
#endif
          "bl main\n bl finish");
}
