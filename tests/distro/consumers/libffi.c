/* A call and a callback through the target's own calling convention. */
#include <ffi.h>
#include <stdio.h>

static double scale(int a, double b, float c) { return a * b + c; }
static void answer(ffi_cif *cif, void *result, void **args, void *data)
{
    (void)cif, (void)data;
    *(ffi_arg *)result = (ffi_arg)(*(int *)args[0] + 1);
}

int main(void)
{
    ffi_cif cif, back;
    ffi_type *types[] = {&ffi_type_sint, &ffi_type_double, &ffi_type_float}, *one[] = {&ffi_type_sint};
    int a = 3;
    double b = 1.5, result;
    float c = 0.25f;
    void *values[] = {&a, &b, &c}, *code;
    if (ffi_prep_cif(&cif, FFI_DEFAULT_ABI, 3, &ffi_type_double, types) != FFI_OK) return 1;
    ffi_call(&cif, FFI_FN(scale), &result, values);
    ffi_closure *closure = ffi_closure_alloc(sizeof *closure, &code);
    if (!closure || ffi_prep_cif(&back, FFI_DEFAULT_ABI, 1, &ffi_type_sint, one) != FFI_OK) return 2;
    if (ffi_prep_closure_loc(closure, &back, answer, NULL, code) != FFI_OK) return 3;
    printf("libffi: %g %d\n", result, ((int (*)(int))code)(41));
    return 0;
}
