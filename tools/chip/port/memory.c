// Stack and heap: where the chip's stack lies, how deep it went, what the heap has left.
//
// The stack is painted before Python runs; what is no longer painted afterwards was used, by
// Python, C or the file system alike. No check of MicroPython's sees all of that.

#include <string.h>

#include "py/cstack.h"
#include "py/gc.h"
#include "py/objfun.h"
#include "py/runtime.h"

#include "bus.h"
#include "memory.h"
#include "operations.h"

enum {
    ROOM = 65536,          // bytes: loading the stubs may go deeper than the chip's stack
    ROOM_ABOVE = 2048,     // bytes that stay zero: where the SDK's frames lie on the chip
    OWN_FRAME = 256,       // bytes below the stack pointer that painting itself may use
    LONGEST_REPORT = 1500, // bytes
    MOST_WORDS = 60,       // of the deepest calls in a report
};
static const uint32_t PAINT = 0xa5c3a5c3;

static uint32_t stack[ROOM / sizeof(uint32_t)] __attribute__((aligned(16)));

extern char __executable_start[], etext[]; // of the linker: where machine code lies

char *memory_stack_end(void) {
    return (char *)stack + sizeof stack - ROOM_ABOVE;
}

static inline char *stack_pointer(void) {
    char *now;
    __asm__ volatile ("mov %0, a1" : "=a" (now));
    return now;
}

static void paint_below(const void *address) {
    for (uint32_t *word = stack; (char *)word < (char *)address; word++) {
        *word = PAINT;
    }
}

static uint32_t *deepest(void) {
    uint32_t *word = stack;
    while (*word == PAINT) {
        word++;
    }
    return word;
}

int __attribute__((noinline)) memory_run_at_depth(
    const char *name, int (*run)(const char *), int of) {
    char *now = stack_pointer();
    void *top = MP_STATE_THREAD(stack_top);
    mp_uint_t limit = MP_STATE_THREAD(stack_limit);
    mp_cstack_init_with_top(now + USED_BELOW_PYTHON, CHIP_STACK);
    paint_below(now - OWN_FRAME);
    int result = run(name);
    memory_report(of, 0);
    MP_STATE_THREAD(stack_top) = top;
    MP_STATE_THREAD(stack_limit) = limit;
    return result;
}

static bool is_code(uint32_t word) {
    return word >= (uintptr_t)__executable_start && word < (uintptr_t)etext;
}

// An object that is allocated now: what lies in the stack may have been freed long ago.
static bool is_python_function(uint32_t word) {
    const mp_state_mem_area_t *area = &MP_STATE_MEM(area);
    uintptr_t start = (uintptr_t)area->gc_pool_start, end = (uintptr_t)area->gc_pool_end;
    if (word % MICROPY_BYTES_PER_GC_BLOCK || word < start || word >= end
        || !gc_nbytes((const void *)(uintptr_t)word)) {
        return false;
    }
    const mp_obj_type_t *type = ((const mp_obj_base_t *)(uintptr_t)word)->type;
    return type == &mp_type_fun_bc || type == &mp_type_gen_wrap;
}

// The deepest calls that left a trace: addresses of machine code, and names of Python functions.
static void print_deepest_calls(vstr_t *report, const uint32_t *word) {
    const uint32_t *end = (const uint32_t *)MP_STATE_THREAD(stack_top);
    for (int found = 0; word < end && found < MOST_WORDS; word++) {
        if (report->len + 40 > LONGEST_REPORT) {
            return;
        }
        if (is_code(*word)) {
            vstr_printf(report, " %x", (unsigned)*word);
            found++;
        } else if (is_python_function(*word)) {
            qstr name = mp_obj_fun_get_name(MP_OBJ_FROM_PTR((void *)(uintptr_t)*word));
            vstr_printf(report, " py:%s", qstr_str(name));
            found++;
        }
    }
}

void memory_report(int of, int flags) {
    static char text[LONGEST_REPORT];
    char *now = stack_pointer();
    uint32_t *lowest = deepest();
    gc_info_t heap;
    if (flags & OP_REPORT_COLLECT) {
        gc_collect();
    }
    gc_info(&heap);
    vstr_t report;
    vstr_init_fixed_buf(&report, sizeof text, text);
    vstr_printf(&report, "%u %u %u %u",
        (unsigned)((char *)MP_STATE_THREAD(stack_top) - (char *)lowest),
        (unsigned)((char *)MP_STATE_THREAD(stack_top) - now),
        (unsigned)heap.free, (unsigned)(heap.max_free * MICROPY_BYTES_PER_GC_BLOCK));
    print_deepest_calls(&report, lowest);
    bus_exchange(OP_REPORT, of, 0, 0, report.buf, report.len);
    // What this report used of the stack is not the program's.
    char *unused = now - OWN_FRAME;
    paint_below(flags & OP_REPORT_FORGET || (char *)lowest > unused ? unused : (char *)lowest);
}
