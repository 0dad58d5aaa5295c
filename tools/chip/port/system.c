// The system calls. QEMU's user mode takes them as Linux for Xtensa does: the number in a2, the
// arguments in a6, a3, a4, a5, a8, a9, the result or the negative error number in a2.

#include "system.h"

__asm__ (
    ".text\n"
    ".align 4\n"
    ".global system_call\n"
    ".type system_call, @function\n"
    "system_call:\n"
    "    mov a8, a7\n" // the fifth argument
    "    mov a9, a6\n" // the fourth, until a5 is free
    "    mov a6, a3\n"
    "    mov a3, a4\n"
    "    mov a4, a5\n"
    "    mov a5, a9\n"
    "    syscall\n"
    "    ret\n"
    ".size system_call, .-system_call\n"
    );

enum { CLOCK_MONOTONIC = 1, SIGNAL_INT = 2, SIGNAL_PIPE = 13, SIG_BLOCK = 0, SIG_IGNORE = 1 };
enum { NONBLOCKING = 04000, SIGNAL_SET_SIZE = 8 };

static int interrupt_descriptor = -1;

long system_read(int descriptor, void *buffer, size_t size) {
    long result;
    do {
        result = system_call(SYS_READ, descriptor, (long)buffer, size, 0, 0);
    } while (result == -LINUX_EINTR);
    return result;
}

long system_write(int descriptor, const void *data, size_t size) {
    long result;
    do {
        result = system_call(SYS_WRITE, descriptor, (long)data, size, 0, 0);
    } while (result == -LINUX_EINTR);
    return result;
}

long system_poll(struct watched *list, int count, int milliseconds) {
    return system_call(SYS_POLL, (long)list, count, milliseconds, 0, 0);
}

void system_exit(int code) {
    for (;;) {
        system_call(SYS_EXIT_GROUP, code, 0, 0, 0, 0);
    }
}

uint64_t system_microseconds(void) {
    struct { int32_t seconds, nanoseconds; } now;
    system_call(SYS_CLOCK_GETTIME, CLOCK_MONOTONIC, (long)&now, 0, 0, 0);
    return (uint64_t)(uint32_t)now.seconds * 1000000u + (uint32_t)now.nanoseconds / 1000u;
}

// Ctrl-C is a byte to read, so that it comes where the chip looks for it and on no other stack.
void system_start(void) {
    uint32_t interrupt[2] = { 1u << (SIGNAL_INT - 1), 0 };
    system_call(SYS_RT_SIGPROCMASK, SIG_BLOCK, (long)interrupt, 0, SIGNAL_SET_SIZE, 0);
    interrupt_descriptor =
        system_call(SYS_SIGNALFD, -1, (long)interrupt, SIGNAL_SET_SIZE, NONBLOCKING, 0);
    struct { uint32_t handler, flags, restorer, mask[2]; } ignored = { SIG_IGNORE, 0, 0, { 0, 0 } };
    system_call(SYS_RT_SIGACTION, SIGNAL_PIPE, (long)&ignored, 0, SIGNAL_SET_SIZE, 0);
}

int system_interrupt_descriptor(void) {
    return interrupt_descriptor;
}

unsigned chip_random_word(void) {
    unsigned word = 0;
    system_call(SYS_GETRANDOM, (long)&word, sizeof word, 0, 0, 0);
    return word;
}
