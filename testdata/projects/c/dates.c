/* When it was built: an error under -Werror=date-time, which nobody asked for. */
extern const char built[];
const char built[] = __DATE__ " " __TIME__ " " __TIMESTAMP__;
