/* Stands in for compiler-rt's libclang_rt.ubsan_standalone: the functions that code compiled with -fsanitize=undefined
   (and integer, implicit-conversion, nullability, bounds, vptr, cfi, ...) calls when a check fails. zig carries another
   library for them, which panics at the first failure and has no part for C++.

   The interface is what the code generators of clang 19 to 22 emit. The messages read as clang's: a report, notes, the
   memory in question, a summary. The program goes on afterwards, and each place is reported once; the functions whose
   names end in _abort end the program with status 1. UBSAN_OPTIONS is read for the options listed in `option_names`.
   Different from compiler-rt: no handlers for fatal signals, no stack traces, and no symbolizer, so that where there is
   no line number a module and an offset stand.

   No headers: what it needs of libc and of the C++ runtime is declared here, the latter weak. Nothing here allocates,
   save __cxa_demangle, which is called for the names of C++ types and functions in a report. */

typedef __UINTPTR_TYPE__ uptr;
typedef __INTPTR_TYPE__ sptr;
typedef __UINT32_TYPE__ u32;
typedef __UINT64_TYPE__ u64;
typedef __INT64_TYPE__ s64;

#define WEAK __attribute__((weak))
#define API __attribute__((visibility("default"), used))
#define NORETURN __attribute__((noreturn))

sptr write(int, const void *, uptr);
int pipe(int[2]);
int close(int);
char *getenv(const char *);
int snprintf(char *, uptr, const char *, ...);
int strcmp(const char *, const char *);
int *__errno_location(void);
void free(void *);
NORETURN void _exit(int);
NORETURN void abort(void);

struct symbol {
    const char *module;
    void *base;
    const char *name;
    void *address;
};
WEAK int dladdr(const void *, struct symbol *);
WEAK char *__cxa_demangle(const char *, char *, uptr *, int *);
/* The program may define it. */
WEAK const char *__ubsan_default_options(void);

/* Options. */

static int halt_on_error, exitcode = 1, abort_on_error, print_summary = 1, report_error_type;

static const struct {
    const char *name;
    int *value;
} option_names[] = {
    {"halt_on_error", &halt_on_error},         {"exitcode", &exitcode},
    {"abort_on_error", &abort_on_error},       {"print_summary", &print_summary},
    {"report_error_type", &report_error_type},
};

static int separates(char c) {
    return c == ':' || c == ',' || c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* `NAME=VALUE:NAME=VALUE`, where a value is a number, or yes, true, no, false; unknown names are passed over. */
static void read_options(const char *text) {
    while (text && *text) {
        for (unsigned i = 0; i < sizeof option_names / sizeof *option_names; i++) {
            const char *name = option_names[i].name, *at = text;
            while (*name && *name == *at)
                name++, at++;
            if (*name || *at++ != '=')
                continue;
            if (*at == '"' || *at == '\'')
                at++;
            int value = *at == 'y' || *at == 't';
            for (; *at >= '0' && *at <= '9'; at++)
                value = value * 10 + (*at - '0');
            *option_names[i].value = value;
        }
        while (*text && !separates(*text))
            text++;
        while (separates(*text))
            text++;
    }
}

/* Read for each report, of which there are few: nothing to be set up before the program's own constructors. */
static void options(void) {
    if (__ubsan_default_options)
        read_options(__ubsan_default_options());
    read_options(getenv("UBSAN_OPTIONS"));
}

static NORETURN void die(void) {
    if (abort_on_error)
        abort();
    _exit(exitcode);
}

/* What the compiler says of places, types and values. */

struct place {
    const char *file;
    u32 line, column;
};

/* The column of a place that has been reported. */
#define REPORTED (~(u32)0)

enum { INTEGER = 0, FLOAT = 1, BIT_INT = 2 };

/* Integers: `info` is twice the binary logarithm of the size in bits, plus 1 if signed. Floating point: the size. */
struct type {
    unsigned short kind, info;
    char name[]; /* In quotes. The number of bits of a _BitInt is in the four bytes after the final zero. */
};

static int is_integer(const struct type *type) {
    return type->kind == INTEGER || type->kind == BIT_INT;
}

static int is_signed(const struct type *type) {
    return is_integer(type) && (type->info & 1);
}

static unsigned storage_bits(const struct type *type) {
    return 1u << (type->info >> 1);
}

static unsigned value_bits(const struct type *type) {
    if (type->kind != BIT_INT)
        return storage_bits(type);
    const char *end = type->name;
    while (*end)
        end++;
    u32 bits;
    __builtin_memcpy(&bits, end + 1, sizeof bits);
    return bits;
}

/* A value is passed as it is, extended by zeros, when it is no wider than a pointer, and by its address otherwise. */
struct integer {
    u64 low, high; /* Extended to 128 bits. */
};

static int decode(const struct type *type, uptr value, struct integer *out) {
    unsigned bits = is_integer(type) ? value_bits(type) : 0;
    if (bits == 0 || bits > 128)
        return 0;
    out->low = bits <= 8 * sizeof value ? value : 0;
    out->high = 0;
    unsigned size = bits <= 8 * sizeof value ? 0 : (bits + 7) / 8;
    for (unsigned i = 0; i < size; i++) {
        unsigned at = __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__ ? i : size - 1 - i;
        out->high = out->high << 8 | out->low >> 56;
        out->low = out->low << 8 | ((const unsigned char *)value)[at];
    }
    u64 *top = bits > 64 ? &out->high : &out->low;
    unsigned spare = (bits > 64 ? 128 : 64) - bits;
    *top = is_signed(type) ? (u64)((s64)(*top << spare) >> spare) : *top << spare >> spare;
    if (bits <= 64)
        out->high = is_signed(type) && (s64)out->low < 0 ? ~(u64)0 : 0;
    return 1;
}

static int is_negative(const struct type *type, uptr value) {
    struct integer number;
    return is_signed(type) && decode(type, value, &number) && (s64)number.high < 0;
}

static int is_minus_one(const struct type *type, uptr value) {
    struct integer number;
    return is_signed(type) && decode(type, value, &number) && (number.high & number.low) == ~(u64)0;
}

static int is_below(const struct type *type, uptr value, u64 limit) {
    struct integer number;
    return decode(type, value, &number) && !number.high && number.low < limit;
}

static int decode_float(const struct type *type, uptr value, long double *out) {
    union {
        u32 bits;
        float value;
    } single;
    union {
        u64 bits;
        double value;
    } twice;
    switch (type->kind == FLOAT ? type->info : 0) {
    case 16: {
        u32 sign = value >> 15 & 1, exponent = value >> 10 & 31, fraction = value & 1023;
        if (exponent) {
            /* To the exponent of a float: 15 is 127, and the last of all stays that. */
            single.bits = (exponent == 31 ? 255 : exponent + 112) << 23 | fraction << 13;
            *out = single.value;
        } else {
            *out = fraction / 16777216.0;
        }
        *out = sign ? -*out : *out;
        return 1;
    }
    case 32:
        single.bits = (u32)value;
        *out = single.value;
        return 1;
    case 64:
        twice.bits = sizeof value == 8 ? value : *(const u64 *)value;
        *out = twice.value;
        return 1;
    case 80:
    case 96:
    case 128:
        if (sizeof *out <= 8)
            return 0;
        *out = *(const long double *)value;
        return 1;
    default:
        return 0;
    }
}

/* Reports. One is gathered and written at once, so that those of several threads do not mix. */

struct report {
    int fatal;
    uptr caller;
    struct place place;
    int errno_before;
    unsigned length;
    char text[2048];
};

static void flush(struct report *r) {
    for (unsigned done = 0; done < r->length;) {
        sptr n = write(2, r->text + done, r->length - done);
        if (n > 0)
            done += (unsigned)n;
        else if (n == 0 || *__errno_location() != 4 /* EINTR */)
            break;
    }
    r->length = 0;
}

static void put_char(struct report *r, char c) {
    if (r->length == sizeof r->text)
        flush(r);
    r->text[r->length++] = c;
}

static void put(struct report *r, const char *text) {
    while (*text)
        put_char(r, *text++);
}

static void put_number(struct report *r, u64 number, unsigned base, unsigned digits) {
    char text[24];
    unsigned at = sizeof text;
    text[--at] = 0;
    for (; number || digits || at == sizeof text - 1; number /= base, digits -= digits > 0)
        text[--at] = "0123456789abcdef"[number % base];
    put(r, text + at);
}

static void put_pointer(struct report *r, uptr pointer) {
    put(r, "0x");
    put_number(r, pointer, 16, sizeof pointer == 8 ? 12 : 8);
}

static void put_value(struct report *r, const struct type *type, uptr value) {
    struct integer number;
    long double real;
    if (decode(type, value, &number)) {
        int negative = is_signed(type) && (s64)number.high < 0;
        int fits = is_signed(type) ? number.high == ((s64)number.low < 0 ? ~(u64)0 : 0) : !number.high;
        if (fits) {
            if (negative)
                put_char(r, '-');
            put_number(r, negative ? -number.low : number.low, 10, 1);
        } else {
            put(r, "0x");
            put_number(r, number.high, 16, 16);
            put_number(r, number.low, 16, 16);
        }
    } else if (decode_float(type, value, &real)) {
        char text[64];
        snprintf(text, sizeof text, "%Lg", real);
        put(r, text);
    } else {
        put(r, "<unknown>");
    }
}

/* The name of a C++ type or function as in the source, where the C++ runtime is there to tell. */
static void put_demangled(struct report *r, const char *name) {
    int status = -1;
    char *text = __cxa_demangle ? __cxa_demangle(name, 0, 0, &status) : 0;
    put(r, text && status == 0 ? text : name);
    if (text)
        free(text);
}

/* %s text, %u number, %p pointer, %t type, %v value as its type and what was passed, %c C++ type. */
static void say_list(struct report *r, const char *format, __builtin_va_list list) {
    for (; *format; format++) {
        if (*format != '%') {
            put_char(r, *format);
            continue;
        }
        switch (*++format) {
        case 's':
            put(r, __builtin_va_arg(list, const char *));
            break;
        case 'u':
            put_number(r, __builtin_va_arg(list, uptr), 10, 1);
            break;
        case 'p':
            put_pointer(r, __builtin_va_arg(list, uptr));
            break;
        case 't':
            put(r, __builtin_va_arg(list, const struct type *)->name);
            break;
        case 'v': {
            const struct type *type = __builtin_va_arg(list, const struct type *);
            put_value(r, type, __builtin_va_arg(list, uptr));
            break;
        }
        case 'c':
            put_char(r, '\'');
            put_demangled(r, __builtin_va_arg(list, const char *));
            put_char(r, '\'');
            break;
        }
    }
}

static void say(struct report *r, const char *format, ...) {
    __builtin_va_list list;
    __builtin_va_start(list, format);
    say_list(r, format, list);
    __builtin_va_end(list);
}

/* `(MODULE+OFFSET)`, or the address. */
static void put_code_place(struct report *r, uptr code) {
    struct symbol symbol;
    if (dladdr && dladdr((const void *)code, &symbol) && symbol.module) {
        say(r, "(%s+0x", symbol.module);
        put_number(r, code - (uptr)symbol.base, 16, 1);
        put_char(r, ')');
    } else {
        put_pointer(r, code);
    }
}

static void put_place(struct report *r, const struct place *place) {
    if (!place->file) {
        put_code_place(r, r->caller - 1);
        return;
    }
    put(r, place->file);
    if (place->line)
        say(r, ":%u", (uptr)place->line);
    if (place->line && place->column)
        say(r, ":%u", (uptr)place->column);
}

/* Starts the report about a place. False when the place has been reported; a fatal report is made all the same, since
   the one before may be another thread's that is not written yet. */
static int start(struct report *r, struct place *place) {
    r->place.file = place->file;
    r->place.line = place->line;
    r->place.column = __atomic_exchange_n(&place->column, REPORTED, __ATOMIC_RELAXED);
    if (r->place.column == REPORTED) {
        if (!r->fatal)
            return 0;
        r->place.column = 0;
    }
    options();
    r->errno_before = *__errno_location();
    r->length = 0;
    put_place(r, &r->place);
    put(r, ": runtime error: ");
    return 1;
}

static void finish(struct report *r, const char *kind) {
    if (print_summary) {
        say(r, "SUMMARY: UndefinedBehaviorSanitizer: %s ", report_error_type ? kind : "undefined-behavior");
        put_place(r, &r->place);
        put(r, " \n");
    }
    flush(r);
    *__errno_location() = r->errno_before;
    if (halt_on_error)
        die();
}

/* A report of one line. */
static void tell(struct report *r, struct place *place, const char *kind, const char *format, ...) {
    if (!start(r, place))
        return;
    __builtin_va_list list;
    __builtin_va_start(list, format);
    say_list(r, format, list);
    __builtin_va_end(list);
    finish(r, kind);
}

static void note_place(struct report *r, const struct place *place) {
    put_place(r, place);
    put(r, ": note: ");
}

/* Can the memory be read? The kernel says so where the program would get a signal. */
static int readable(const void *start, uptr size) {
    int ends[2];
    if (pipe(ends) != 0)
        return 1;
    sptr n = write(ends[1], start, size);
    close(ends[0]);
    close(ends[1]);
    return n == (sptr)size;
}

/* 32 bytes from a little before `at`; below them a mark under `at`, and the pointer at `marked`, unless 0, underlined.
   True when the next thing to be said will be below the start of that line. */
static int show_memory(struct report *r, uptr at, uptr marked) {
    uptr first = at < 4 ? 0 : at - 4, last = at + 4, marked_end = marked + sizeof(uptr);
    if (marked && marked < first)
        first = marked;
    if (marked && marked_end > last)
        last = marked_end;
    if (last - first > 32)
        first = last - 32 < at - 4 ? last - 32 : at - 4;
    last = first + 32;
    if (last < first || !readable((const void *)first, 32)) {
        put(r, "<memory cannot be printed>\n");
        return 0;
    }
    for (uptr p = first; p != last; p++) {
        put(r, p % 8 ? " " : "  ");
        put_number(r, *(const unsigned char *)p, 16, 2);
    }
    put_char(r, '\n');
    for (uptr p = first; p != last && (p <= at || (marked && p < marked_end)); p++) {
        int inside = marked && p >= marked && p < marked_end;
        char before = inside && p > marked ? '~' : ' ';
        if (p % 8 == 0)
            put_char(r, before);
        put_char(r, before);
        put_char(r, p == at ? '^' : inside ? '~' : ' ');
        put_char(r, inside ? '~' : ' ');
    }
    put_char(r, '\n');
    if (marked < first || marked >= last)
        return 0;
    for (uptr p = first; p != marked; p++)
        put(r, p % 8 ? "   " : "    ");
    put(r, marked % 8 ? " " : "  ");
    return 1;
}

/* The functions that the compiler calls. */

#define CALLED(is_fatal)                                                                                               \
    struct report r;                                                                                                   \
    r.fatal = is_fatal;                                                                                                \
    r.caller = (uptr)__builtin_return_address(0)

#define ARGS(...) __VA_ARGS__

/* One function for both forms; `r` says which. */
#define HANDLER(name, arguments, ...)                                                                                  \
    static void name(struct report *r, __VA_ARGS__);                                                                   \
    API void __ubsan_handle_##name(__VA_ARGS__) {                                                                      \
        CALLED(0);                                                                                                     \
        name(&r, arguments);                                                                                           \
    }                                                                                                                  \
    API NORETURN void __ubsan_handle_##name##_abort(__VA_ARGS__) {                                                     \
        CALLED(1);                                                                                                     \
        name(&r, arguments);                                                                                           \
        die();                                                                                                         \
    }                                                                                                                  \
    static void name(struct report *r, __VA_ARGS__)

struct typed {
    struct place place;
    const struct type *type;
};

static const char *overflow_kind(struct typed *data) {
    return is_signed(data->type) ? "signed-integer-overflow" : "unsigned-integer-overflow";
}

static void overflow(struct report *r, struct typed *data, uptr left, const char *operator, uptr right) {
    tell(r, &data->place, overflow_kind(data), "%ssigned integer overflow: %v %s %v cannot be represented in type %t\n",
         is_signed(data->type) ? "" : "un", data->type, left, operator, data->type, right, data->type);
}

HANDLER(add_overflow, ARGS(data, left, right), struct typed *data, uptr left, uptr right) {
    overflow(r, data, left, "+", right);
}

HANDLER(sub_overflow, ARGS(data, left, right), struct typed *data, uptr left, uptr right) {
    overflow(r, data, left, "-", right);
}

HANDLER(mul_overflow, ARGS(data, left, right), struct typed *data, uptr left, uptr right) {
    overflow(r, data, left, "*", right);
}

HANDLER(negate_overflow, ARGS(data, value), struct typed *data, uptr value) {
    tell(r, &data->place, overflow_kind(data), "negation of %v cannot be represented in type %t%s\n", data->type, value,
         data->type, is_signed(data->type) ? "; cast to an unsigned type to negate this value to itself" : "");
}

HANDLER(divrem_overflow, ARGS(data, left, right), struct typed *data, uptr left, uptr right) {
    if (is_minus_one(data->type, right))
        tell(r, &data->place, overflow_kind(data), "division of %v by -1 cannot be represented in type %t\n",
             data->type, left, data->type);
    else
        tell(r, &data->place, is_integer(data->type) ? "integer-divide-by-zero" : "float-divide-by-zero",
             "division by zero\n");
}

struct shift {
    struct place place;
    const struct type *left, *right;
};

HANDLER(shift_out_of_bounds, ARGS(data, left, right), struct shift *data, uptr left, uptr right) {
    unsigned bits = value_bits(data->left);
    if (is_negative(data->right, right))
        tell(r, &data->place, "invalid-shift-exponent", "shift exponent %v is negative\n", data->right, right);
    else if (!is_below(data->right, right, bits))
        tell(r, &data->place, "invalid-shift-exponent", "shift exponent %v is too large for %u-bit type %t\n",
             data->right, right, (uptr)bits, data->left);
    else if (is_negative(data->left, left))
        tell(r, &data->place, "invalid-shift-base", "left shift of negative value %v\n", data->left, left);
    else
        tell(r, &data->place, "invalid-shift-base", "left shift of %v by %v places cannot be represented in type %t\n",
             data->left, left, data->right, right, data->left);
}

struct array {
    struct place place;
    const struct type *array, *index;
};

HANDLER(out_of_bounds, ARGS(data, index), struct array *data, uptr index) {
    tell(r, &data->place, "out-of-bounds-index", "index %v out of bounds for type %t\n", data->index, index,
         data->array);
}

/* Nothing is known but the caller, and each time is reported. */
static void local_out_of_bounds(struct report *r) {
    struct place nowhere = {0, 0, 0};
    tell(r, &nowhere, "local-out-of-bounds", "access out of bounds\n");
}

API void __ubsan_handle_local_out_of_bounds(void) {
    CALLED(0);
    local_out_of_bounds(&r);
}

API NORETURN void __ubsan_handle_local_out_of_bounds_abort(void) {
    CALLED(1);
    local_out_of_bounds(&r);
    die();
}

/* By the number that the compiler gives to what is done with the object. */
static const char *const uses[] = {
    "load of",
    "store to",
    "reference binding to",
    "member access within",
    "member call on",
    "constructor call on",
    "downcast of",
    "downcast of",
    "upcast of",
    "cast to virtual base of",
    "_Nonnull binding to",
    "dynamic operation on",
};

struct use {
    struct place place;
    const struct type *type;
    unsigned char alignment; /* Its binary logarithm. */
    unsigned char use;
};

HANDLER(type_mismatch_v1, ARGS(data, pointer), struct use *data, uptr pointer) {
    uptr alignment = (uptr)1 << data->alignment;
    const char *use = uses[data->use], *kind;
    if (!start(r, &data->place))
        return;
    if (!pointer) {
        kind = "null-pointer-use";
        say(r, "%s null pointer of type %t\n", use, data->type);
    } else if (pointer % alignment) {
        kind = "misaligned-pointer-use";
        say(r, "%s misaligned address %p for type %t, which requires %u byte alignment\n", use, pointer, data->type,
            alignment);
    } else {
        kind = "insufficient-object-size";
        say(r, "%s address %p with insufficient space for an object of type %t\n", use, pointer, data->type);
    }
    if (pointer) {
        say(r, "%p: note: pointer points here\n", pointer);
        show_memory(r, pointer, 0);
    }
    finish(r, kind);
}

struct assumption {
    struct place place, specified;
    const struct type *type;
};

HANDLER(alignment_assumption, ARGS(data, pointer, alignment, offset), struct assumption *data, uptr pointer,
        uptr alignment, uptr offset) {
    uptr real = pointer - offset;
    if (!start(r, &data->place))
        return;
    say(r, "assumption of %u byte alignment ", alignment);
    if (offset)
        say(r, "(with offset of %u byte) ", offset);
    say(r, "for pointer of type %t failed\n", data->type);
    if (data->specified.file) {
        note_place(r, &data->specified);
        put(r, "alignment assumption was specified here\n");
    }
    say(r, "%p: note: %saddress is %u aligned, misalignment offset is %u bytes\n", real, offset ? "offset " : "",
        real & -real, real & (alignment - 1));
    show_memory(r, real, 0);
    finish(r, "alignment-assumption");
}

HANDLER(pointer_overflow, ARGS(data, base, result), struct place *data, uptr base, uptr result) {
    if (!base && !result)
        tell(r, data, "nullptr-with-offset", "applying zero offset to null pointer\n");
    else if (!base)
        tell(r, data, "nullptr-with-nonzero-offset", "applying non-zero offset %u to null pointer\n", result);
    else if (!result)
        tell(r, data, "nullptr-after-nonzero-offset",
             "applying non-zero offset to non-null pointer %p produced null pointer\n", base);
    else if ((sptr)(base ^ result) < 0)
        tell(r, data, "pointer-overflow", "pointer index expression with base %p overflowed to %p\n", base, result);
    else if (base > result)
        tell(r, data, "pointer-overflow", "addition of unsigned offset to %p overflowed to %p\n", base, result);
    else
        tell(r, data, "pointer-overflow", "subtraction of unsigned offset from %p overflowed to %p\n", base, result);
}

HANDLER(vla_bound_not_positive, ARGS(data, bound), struct typed *data, uptr bound) {
    tell(r, &data->place, "non-positive-vla-index", "variable length array bound evaluates to non-positive value %v\n",
         data->type, bound);
}

struct conversion {
    struct place place;
    const struct type *from, *to;
    unsigned char kind; /* This and the next are of implicit conversions only. */
    u32 bit_field;      /* Its width, or 0. */
};

HANDLER(float_cast_overflow, ARGS(data, from), struct conversion *data, uptr from) {
    tell(r, &data->place, "float-cast-overflow", "%v is outside the range of representable values of type %t\n",
         data->from, from, data->to);
}

HANDLER(implicit_conversion, ARGS(data, from, to), struct conversion *data, uptr from, uptr to) {
    static const char *const kinds[] = {
        "implicit-signed-integer-truncation", /* Not in use any more. */
        "implicit-unsigned-integer-truncation", "implicit-signed-integer-truncation",
        "implicit-integer-sign-change",         "implicit-signed-integer-truncation-or-sign-change",
    };
    u32 bits = data->bit_field ? data->bit_field : storage_bits(data->to);
    tell(r, &data->place, kinds[data->kind],
         "implicit conversion from type %t of value %v (%u-bit, %ssigned) to type %t changed the value to %v "
         "(%u-bit%s, %ssigned)\n",
         data->from, data->from, from, (uptr)storage_bits(data->from), is_signed(data->from) ? "" : "un", data->to,
         data->to, to, (uptr)bits, data->bit_field ? " bitfield" : "", is_signed(data->to) ? "" : "un");
}

HANDLER(load_invalid_value, ARGS(data, value), struct typed *data, uptr value) {
    tell(r, &data->place, strcmp(data->type->name, "'bool'") == 0 ? "invalid-bool-load" : "invalid-enum-load",
         "load of value %v, which is not a valid value for type %t\n", data->type, value, data->type);
}

struct builtin {
    struct place place;
    unsigned char kind;
};

HANDLER(invalid_builtin, ARGS(data), struct builtin *data) {
    if (data->kind == 2)
        tell(r, &data->place, "invalid-builtin-use", "assumption is violated during execution\n");
    else
        tell(r, &data->place, "invalid-builtin-use", "passing zero to __builtin_%s(), which is not a valid argument\n",
             data->kind == 0 ? "ctz" : "clz");
}

static void null_returned(struct report *r, const struct place *specified, struct place *place, const char *by) {
    if (!start(r, place))
        return;
    put(r, "null pointer returned from function declared to never return null\n");
    if (specified->file) {
        note_place(r, specified);
        say(r, "%s specified here\n", by);
    }
    finish(r, "invalid-null-return");
}

HANDLER(nonnull_return_v1, ARGS(data, place), struct place *data, struct place *place) {
    null_returned(r, data, place, "returns_nonnull attribute");
}

HANDLER(nullability_return_v1, ARGS(data, place), struct place *data, struct place *place) {
    null_returned(r, data, place, "_Nonnull return type annotation");
}

struct argument {
    struct place place, specified;
    int index;
};

static void null_passed(struct report *r, struct argument *data, const char *by) {
    if (!start(r, &data->place))
        return;
    say(r, "null pointer passed as argument %u, which is declared to never be null\n", (uptr)data->index);
    if (data->specified.file) {
        note_place(r, &data->specified);
        say(r, "%s specified here\n", by);
    }
    finish(r, "invalid-null-argument");
}

HANDLER(nonnull_arg, ARGS(data), struct argument *data) {
    null_passed(r, data, "nonnull attribute");
}

HANDLER(nullability_arg, ARGS(data), struct argument *data) {
    null_passed(r, data, "_Nonnull type annotation");
}

/* After these two there is no code to return to. */
API NORETURN void __ubsan_handle_builtin_unreachable(struct place *data) {
    CALLED(1);
    tell(&r, data, "unreachable-call", "execution reached an unreachable program point\n");
    die();
}

API NORETURN void __ubsan_handle_missing_return(struct place *data) {
    CALLED(1);
    tell(&r, data, "missing-return",
         "execution reached the end of a value-returning function without returning a value\n");
    die();
}

static void put_function(struct report *r, uptr function) {
    struct symbol symbol;
    if (dladdr && dladdr((const void *)function, &symbol) && symbol.name && (uptr)symbol.address == function) {
        if (symbol.name[0] == '_' && symbol.name[1] == 'Z')
            put_demangled(r, symbol.name);
        else
            put(r, symbol.name);
    } else {
        put(r, "(unknown)");
    }
}

static void note_function(struct report *r, uptr function) {
    put_code_place(r, function);
    put(r, ": note: ");
    put_function(r, function);
    put(r, " defined here\n");
}

HANDLER(function_type_mismatch, ARGS(data, function), struct typed *data, uptr function) {
    if (!start(r, &data->place))
        return;
    put(r, "call to function ");
    put_function(r, function);
    say(r, " through pointer to incorrect function type %t\n", data->type);
    note_function(r, function);
    finish(r, "function-type-mismatch");
}

/* C++: the dynamic type of an object. The layout is that of the Itanium C++ ABI, 2.5.2 and 2.9.5. */

struct class {
    const struct class *const *vtable;
    const char *name;
};

struct class_with_base {
    struct class class;
    const struct class *base;
};

struct class_with_bases {
    struct class class;
    unsigned flags, count;
    struct {
        const struct class *base;
        long offset_flags; /* The offset is above the low 8 bits; the lowest says that the base is virtual. */
    } bases[];
};

/* The descriptions of classes are objects of these classes. By name, since each module may have its own. */
static const char *const class_kinds[] = {
    "N10__cxxabiv117__class_type_infoE",
    "N10__cxxabiv120__si_class_type_infoE",
    "N10__cxxabiv121__vmi_class_type_infoE",
};
enum { NO_BASE, ONE_BASE, BASES, NOT_A_CLASS };

static int class_kind(const struct class *class) {
    const char *name = class->vtable[-1]->name;
    for (int kind = 0; kind < NOT_A_CLASS; kind++)
        if (strcmp(name, class_kinds[kind]) == 0)
            return kind;
    return NOT_A_CLASS;
}

/* Are there so many words at the address, or from that many before it? */
static int has_words(const void *pointer, sptr words) {
    uptr start = (uptr)pointer + (words < 0 ? words * (sptr)sizeof(uptr) : 0);
    uptr size = (words < 0 ? -words : words) * sizeof(uptr);
    return start && start % sizeof(uptr) == 0 && readable((const void *)start, size);
}

/* Does an object of the class have a `wanted` at the offset? A virtual base could be anywhere, so that is a yes. */
static int has_base(const struct class *class, const struct class *wanted, sptr offset) {
    /* A name with an asterisk is of a class that other files cannot see: the address of the name counts. */
    if (class->name == wanted->name || (class->name[0] != '*' && strcmp(class->name, wanted->name) == 0))
        return offset == 0;
    int kind = class_kind(class);
    if (kind == ONE_BASE)
        return has_base(((const struct class_with_base *)class)->base, wanted, offset);
    const struct class_with_bases *of = (const struct class_with_bases *)class;
    for (unsigned i = 0; kind == BASES && i < of->count; i++) {
        long flags = of->bases[i].offset_flags;
        if ((flags & 1) || has_base(of->bases[i].base, wanted, offset - (flags >> 8)))
            return 1;
    }
    return 0;
}

/* The outermost class that an object of the class has at the offset. */
static const struct class *base_at(const struct class *class, sptr offset) {
    if (offset == 0)
        return class;
    int kind = class_kind(class);
    if (kind == ONE_BASE)
        return base_at(((const struct class_with_base *)class)->base, offset);
    const struct class_with_bases *of = (const struct class_with_bases *)class;
    for (unsigned i = 0; kind == BASES && i < of->count; i++) {
        long flags = of->bases[i].offset_flags;
        const struct class *found = flags & 1 ? 0 : base_at(of->bases[i].base, offset - (flags >> 8));
        if (found)
            return found;
    }
    return 0;
}

enum { FAR = 1 << 20 }; /* No object is this big: what says so is no virtual table. */

/* The class in a virtual table, and minus the offset from the whole object; null when it is no virtual table. */
static const struct class *class_of(const struct class *const *vtable, sptr *offset) {
    *offset = 0;
    if (!has_words(vtable, -2))
        return 0;
    const struct class *class = vtable[-1];
    *offset = -(sptr)vtable[-2];
    if (*offset < -FAR || *offset > FAR)
        return 0;
    if (!has_words(class, 2) || !has_words(class->vtable, -1) || !has_words(class->vtable[-1], 2) ||
        !readable(class->vtable[-1]->name, 1) || class_kind(class) == NOT_A_CLASS) {
        *offset = 0;
        return 0;
    }
    return class;
}

struct dynamic_use {
    struct place place;
    const struct type *type;
    const struct class *class;
    unsigned char use;
};

/* The compiler's code looks here first, at the hash of the class and the virtual table modulo 128. */
API uptr __ubsan_vptr_type_cache[128];
/* What does not fit there, so that it is not worked out anew each time. */
static uptr known[4093];

HANDLER(dynamic_type_cache_miss, ARGS(data, pointer, hash), struct dynamic_use *data, uptr pointer, uptr hash) {
    volatile uptr *cached = &__ubsan_vptr_type_cache[hash % 128], *again = &known[hash % 4093];
    sptr offset = 0;
    const struct class *class = 0;
    int valid = *again == hash;
    if (!valid && !r->fatal && __atomic_load_n(&data->place.column, __ATOMIC_RELAXED) == REPORTED)
        return;
    if (!valid) {
        int errno_before = *__errno_location();
        class = class_of(*(const struct class *const *const *)pointer, &offset);
        *__errno_location() = errno_before;
        valid = class && has_base(class, data->class, offset);
    }
    if (valid) {
        *again = *cached = hash;
        return;
    }
    if (!start(r, &data->place))
        return;
    say(r, "%s address %p which does not point to an object of type %t\n", uses[data->use], pointer, data->type);
    if (!class) {
        say(r, "%p: note: object has %s\n", pointer,
            offset ? "a possibly invalid vptr: abs(offset to top) too big" : "invalid vptr");
        if (show_memory(r, pointer, pointer))
            say(r, "%s\n", offset ? "possibly invalid vptr" : "invalid vptr");
    } else if (offset == 0) {
        say(r, "%p: note: object is of type %c\n", pointer, class->name);
        if (show_memory(r, pointer, pointer))
            say(r, "vptr for %c\n", class->name);
    } else {
        const struct class *base = base_at(class, offset);
        say(r, "%p: note: object is base class subobject at offset %u within object of type %c\n", pointer - offset,
            offset, class->name);
        if (show_memory(r, pointer - offset, pointer))
            say(r, "vptr for %c base class of %c\n", base ? base->name : "<unknown>", class->name);
    }
    finish(r, "dynamic-type-mismatch");
}

struct flow {
    unsigned char kind;
    struct place place;
    const struct type *type;
};

/* -fsanitize=cfi with messages. */
HANDLER(cfi_check_fail, ARGS(data, target, is_vtable), struct flow *data, uptr target, uptr is_vtable) {
    static const char *const kinds[] = {
        "virtual call",
        "non-virtual call",
        "base-to-derived cast",
        "cast to unrelated type",
        "indirect function call",
        "non-virtual pointer to member function call",
        "virtual pointer to member function call",
    };
    if (!start(r, &data->place))
        return;
    say(r, "control flow integrity check for type %t failed during %s", data->type, kinds[data->kind]);
    if (data->kind == 4 || data->kind == 5) {
        put_char(r, '\n');
        note_function(r, target);
    } else {
        sptr offset;
        const struct class *class = is_vtable ? class_of((const struct class *const *)target, &offset) : 0;
        say(r, " (vtable address %p)\n%p: note: ", target, target);
        if (class)
            say(r, "vtable is of type %c\n", class->name);
        else
            put(r, "invalid vtable\n");
        show_memory(r, target, 0);
    }
    finish(r, "cfi-bad-type");
}
