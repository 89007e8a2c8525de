/* bcryptprimitives.dll, which programs of Go load and wine before 8.12 does not have. */
#include <windows.h>
BOOLEAN NTAPI SystemFunction036(void *buffer, ULONG length);

__declspec(dllexport) BOOL WINAPI ProcessPrng(unsigned char *data, SIZE_T length) {
    return SystemFunction036(data, (ULONG)length);
}
