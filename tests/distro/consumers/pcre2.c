/* Matches with the interpreter, and with machine code made at run time where the processor's is known. */
#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#include <stdio.h>

int main(void)
{
    int error, jit;
    size_t at;
    pcre2_code *code = pcre2_compile((PCRE2_SPTR) "(\\w+)@(\\w+)", PCRE2_ZERO_TERMINATED, 0, &error, &at, NULL);
    pcre2_match_data *match = pcre2_match_data_create_from_pattern(code, NULL);
    if (pcre2_match(code, (PCRE2_SPTR) "to: you@there", 13, 0, PCRE2_NO_JIT, match, NULL) != 3) return 1;
    jit = pcre2_jit_compile(code, PCRE2_JIT_COMPLETE);
    if (jit == 0 && pcre2_jit_match(code, (PCRE2_SPTR) "to: you@there", 13, 0, 0, match, NULL) != 3) return 2;
    printf("pcre2: group 1 at %zu, jit %d\n", pcre2_get_ovector_pointer(match)[2], jit);
    return 0;
}
