// Stack and heap of the program as they are, and how far they went.

#ifndef PICOPIN_MEMORY_H
#define PICOPIN_MEMORY_H

#include <stddef.h>

enum {
    CHIP_STACK = 8192, // bytes, as mp_reset() of ports/esp8266/main.c sets it
    // Bytes of stack in use where boot.py and main.py begin, before Python runs: SDK, main.c and
    // pyexec. Set so that micropython.stack_use() at module level says what boards print,
    // "stack: 2080" to "2144 out of 8192" (micropython.mem_info()).
    USED_BELOW_PYTHON = 1552,
};

// Run `name` (boot.py, main.py, or a frozen module) at the chip's depth, and report on it under the
// number `of` (OP_REPORT_OF_...); answers pyexec's result.
int memory_run_at_depth(const char *name, int (*run)(const char *name), int of);

// Tell the host the peak of the stack and the heap; flags: OP_REPORT_COLLECT, OP_REPORT_FORGET.
void memory_report(int of, int flags);

char *memory_stack_end(void);

#endif
