// Applies one function of tools/chip/port/arithmetic.c, or of libgcc, to operands from stdin.
//
// argv[1] names the function. stdin: pairs of 64-bit operands, least byte first, of which the
// function takes the low halves where it wants 32 bits and only the first where it wants one;
// stdout: a 64-bit result for each. Floats and doubles go as their bit patterns, which is how the
// soft-float ABI passes them anyway.

#include <stdint.h>

#define SYSTEM_CALL_READ 12 // Linux for Xtensa
#define SYSTEM_CALL_WRITE 13
#define SYSTEM_CALL_EXIT_GROUP 119

enum { EXIT_OK, EXIT_USAGE, EXIT_INPUT, EXIT_OUTPUT };

// Number in a2, arguments in a6, a3, a4; result, or -errno, in a2.
static int32_t system_call(int32_t number, int32_t a, int32_t b, int32_t c) {
    register int32_t a2 __asm__("a2") = number;
    register int32_t a6 __asm__("a6") = a;
    register int32_t a3 __asm__("a3") = b;
    register int32_t a4 __asm__("a4") = c;
    __asm__ volatile("syscall" : "+r"(a2) : "r"(a6), "r"(a3), "r"(a4) : "memory");
    return a2;
}

typedef void any_function(void);

// The digits are the operands' and the result's bits, in units of 32.
enum shape { TAKES_1_GIVES_1, TAKES_1_GIVES_2, TAKES_2_GIVES_1, TAKES_11_GIVES_1, TAKES_11_GIVES_2,
    TAKES_22_GIVES_2 };

#define FUNCTIONS(each) \
    each(__udivsi3, TAKES_11_GIVES_1) \
    each(__umodsi3, TAKES_11_GIVES_1) \
    each(__divsi3, TAKES_11_GIVES_1) \
    each(__modsi3, TAKES_11_GIVES_1) \
    each(__udivdi3, TAKES_22_GIVES_2) \
    each(__umoddi3, TAKES_22_GIVES_2) \
    each(__divdi3, TAKES_22_GIVES_2) \
    each(__moddi3, TAKES_22_GIVES_2) \
    each(__umulsidi3, TAKES_11_GIVES_2) \
    each(__muldi3, TAKES_22_GIVES_2) \
    each(__addsf3, TAKES_11_GIVES_1) \
    each(__subsf3, TAKES_11_GIVES_1) \
    each(__mulsf3, TAKES_11_GIVES_1) \
    each(__divsf3, TAKES_11_GIVES_1) \
    each(__eqsf2, TAKES_11_GIVES_1) \
    each(__nesf2, TAKES_11_GIVES_1) \
    each(__ltsf2, TAKES_11_GIVES_1) \
    each(__lesf2, TAKES_11_GIVES_1) \
    each(__gtsf2, TAKES_11_GIVES_1) \
    each(__gesf2, TAKES_11_GIVES_1) \
    each(__unordsf2, TAKES_11_GIVES_1) \
    each(__floatsisf, TAKES_1_GIVES_1) \
    each(__floatunsisf, TAKES_1_GIVES_1) \
    each(__fixsfsi, TAKES_1_GIVES_1) \
    each(__fixunssfsi, TAKES_1_GIVES_1) \
    each(__floatsidf, TAKES_1_GIVES_2) \
    each(__extendsfdf2, TAKES_1_GIVES_2) \
    each(__truncdfsf2, TAKES_2_GIVES_1)

#define DECLARATION(name, shape) any_function name;
FUNCTIONS(DECLARATION)

static const struct function {
    const char *name;
    enum shape shape;
    any_function *code;
} functions[] = {
#define ENTRY(name, shape) {#name, shape, name},
    FUNCTIONS(ENTRY)
};

static uint64_t apply(const struct function *function, uint64_t a, uint64_t b) {
    any_function *code = function->code;
    switch (function->shape) {
        case TAKES_1_GIVES_1:
            return ((uint32_t (*)(uint32_t))code)(a);
        case TAKES_1_GIVES_2:
            return ((uint64_t (*)(uint32_t))code)(a);
        case TAKES_2_GIVES_1:
            return ((uint32_t (*)(uint64_t))code)(a);
        case TAKES_11_GIVES_1:
            return ((uint32_t (*)(uint32_t, uint32_t))code)(a, b);
        case TAKES_11_GIVES_2:
            return ((uint64_t (*)(uint32_t, uint32_t))code)(a, b);
        default:
            return ((uint64_t (*)(uint64_t, uint64_t))code)(a, b);
    }
}

static int equal(const char *a, const char *b) {
    while (*a && *a == *b) {
        a++;
        b++;
    }
    return *a == *b;
}

static const struct function *find(const char *name) {
    for (unsigned i = 0; i < sizeof(functions) / sizeof(functions[0]); i++) {
        if (equal(functions[i].name, name)) {
            return &functions[i];
        }
    }
    return 0;
}

#define BATCH 256 // pairs
static uint64_t operands[2 * BATCH];
static uint64_t results[BATCH];

// A pipe may give less than is asked for. Returns the number of bytes, less than all at the end.
static int32_t read_batch(void) {
    int32_t count = 0;
    while (count < (int32_t)sizeof(operands)) {
        int32_t more = system_call(SYSTEM_CALL_READ, 0, (int32_t)operands + count,
            sizeof(operands) - count);
        if (more <= 0) {
            break;
        }
        count += more;
    }
    return count;
}

static int run(const struct function *function) {
    int32_t size;
    while ((size = read_batch()) > 0) {
        int32_t pairs = size / (2 * (int32_t)sizeof(uint64_t));
        if (pairs * 2 * (int32_t)sizeof(uint64_t) != size) {
            return EXIT_INPUT;
        }
        for (int32_t i = 0; i < pairs; i++) {
            results[i] = apply(function, operands[2 * i], operands[2 * i + 1]);
        }
        int32_t bytes = pairs * (int32_t)sizeof(uint64_t);
        // 2 KiB at once: Linux writes that to a pipe whole.
        if (system_call(SYSTEM_CALL_WRITE, 1, (int32_t)results, bytes) != bytes) {
            return EXIT_OUTPUT;
        }
    }
    return EXIT_OK;
}

// `stack` points at argc, argv[0], argv[1], ...
void start(const int32_t *stack) {
    const struct function *function = stack[0] == 2 ? find((const char *)stack[2]) : 0;
    int status = function ? run(function) : EXIT_USAGE;
    system_call(SYSTEM_CALL_EXIT_GROUP, status, 0, 0);
}

__asm__(".text\n"
        ".align 4\n"
        ".global _start\n"
        "_start:\n"
        "    mov a2, a1\n"
        "    call0 start\n");
