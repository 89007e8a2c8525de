/* No attributes: what is exported is the linker's business. */
int one(void) { return 1; }
int two(void) { return 2; }
int three(void) { return 3; }
