/* _init and _fini for newlib's start file and its exit: GCC's crti.o begins them, and constructors are in .init_array
   since long before. A program with functions of these names has its own. */

void _init(void);
void _fini(void);

void _init(void) {}
void _fini(void) {}
