#ifdef __cplusplus
extern "C"
#endif
unsigned words(const char *text);
