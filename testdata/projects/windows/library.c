/* Two exports by attribute, and a function that stays inside. */
__declspec(dllexport) int twice(int x) { return 2 * x; }
__declspec(dllexport) int answer = 42;
int inside(int x) { return x; }
