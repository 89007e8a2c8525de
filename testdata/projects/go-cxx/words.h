/* What Go sees of the C++ side. */
#ifdef __cplusplus
extern "C" {
#endif
int words_print(const char *text);
int words_caught(int depth);
#ifdef __cplusplus
}
#endif
