/* Two functions; a list says which of them is exported. */
int library_answer(void) { return 42; }
int library_secret(void) { return 43; }
