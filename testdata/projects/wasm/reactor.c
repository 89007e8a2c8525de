/* A reactor: its functions are called from outside, after what runs at the start. */
static int start;

__attribute__((constructor)) static void begin(void) { start = 40; }

__attribute__((export_name("add"))) int add(int x) { return start + x; }
