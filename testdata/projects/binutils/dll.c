// A DLL with data, a function, and one that takes its bytes off the stack itself.
__declspec(dllexport) int number = 7;
__declspec(dllexport) int twice(int n) { return 2 * n; }
__declspec(dllexport) int __stdcall thrice(int n) { return 3 * n; }
