/* Functions and data of frameworks and of libraries beside libSystem, declared here: their headers are in Apple's SDK. */
#include <objc/objc.h>

extern const void *kCFAllocatorDefault;
extern const void *CFStringCreateWithBytes(const void *, const unsigned char *, long, unsigned, unsigned char);
extern void CFRelease(const void *);
extern int SecRandomCopyBytes(const void *, unsigned long, void *);
extern const char *zlibVersion(void);
extern int res_9_ninit(void *);
extern id objc_getClass(const char *);
extern char OBJC_CLASS_$_NSObject[];

int main(void)
{
    unsigned char bytes[4];
    const void *text = CFStringCreateWithBytes(kCFAllocatorDefault, bytes, 4, 0x08000100, 0);
    CFRelease(text);
    return SecRandomCopyBytes(0, 4, bytes) + zlibVersion()[0] + (res_9_ninit(0) != 0) + (objc_getClass("NSObject") != 0) +
           OBJC_CLASS_$_NSObject[0];
}
