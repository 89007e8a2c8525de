#ifdef __OpenBSD__
/* The stack protector's word: each object has its own there, and the loader fills the section with random bytes. A
   program's is in crt0.o. */
long __guard_local __attribute__((visibility("hidden"), section(".openbsd.randomdata"))) = 0;
#endif
