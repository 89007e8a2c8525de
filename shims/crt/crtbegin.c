/* Stands in for GCC's crtbegin.o: names the program as the owner of what it registers with atexit.
   A program is never unloaded, so its handle is null (Itanium C++ ABI, 3.3.5.3). */
void *const __dso_handle __attribute__((visibility("hidden"))) = 0;
