inline int counter() { static int n = 0; return ++n; }
struct Base { virtual int number() { return counter(); } virtual ~Base() {} };
struct Other : Base { int number() override { return 2; } };
extern "C" int entry(int n) { Base b; Other o; Base *p = n ? &b : &o; return p->number(); }
void operator delete(void *) noexcept {}
void operator delete(void *, unsigned long) noexcept {}
