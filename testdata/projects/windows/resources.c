/* Reads its own resources: string 7, in UTF-8, and the version of the file. */
#include <stdio.h>
#include <windows.h>

int main(void) {
    wchar_t text[16], name[MAX_PATH];
    char utf8[64], data[4096];
    VS_FIXEDFILEINFO *info;
    UINT size;
    int length = LoadStringW(NULL, 7, text, 16);
    utf8[WideCharToMultiByte(CP_UTF8, 0, text, length, utf8, 63, NULL, NULL)] = 0;
    GetModuleFileNameW(NULL, name, MAX_PATH);
    if (!GetFileVersionInfoW(name, 0, sizeof data, data) || !VerQueryValueW(data, L"\\", (void **)&info, &size)) return 1;
    printf("%s %d.%d.%d.%d\n", utf8, HIWORD(info->dwFileVersionMS), LOWORD(info->dwFileVersionMS),
           HIWORD(info->dwFileVersionLS), LOWORD(info->dwFileVersionLS));
    return 0;
}
