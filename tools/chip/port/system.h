// Linux as the interpreter sees it: system calls by number, since there is no libc here.
// Numbers from linux/arch/xtensa/include/uapi/asm/unistd.h.

#ifndef PICOPIN_SYSTEM_H
#define PICOPIN_SYSTEM_H

#include <stddef.h>
#include <stdint.h>

enum {
    SYS_OPEN = 8, SYS_CLOSE = 9, SYS_READ = 12, SYS_WRITE = 13, SYS_LSEEK = 15, SYS_POLL = 16,
    SYS_FCNTL = 61, SYS_SOCKET = 96, SYS_SETSOCKOPT = 97, SYS_BIND = 100, SYS_LISTEN = 102,
    SYS_ACCEPT = 103, SYS_RECV = 109, SYS_EXIT_GROUP = 119, SYS_NANOSLEEP = 195,
    SYS_RT_SIGACTION = 226, SYS_RT_SIGPROCMASK = 227, SYS_CLOCK_GETTIME = 245,
    SYS_SIGNALFD = 309, SYS_GETRANDOM = 338,
};

enum { EVENT_IN = 1, EVENT_OUT = 4, EVENT_ERROR = 8, EVENT_HANGUP = 16 }; // as MP_STREAM_POLL_*

enum { LINUX_EINTR = 4, LINUX_EAGAIN = 11 };

struct watched { // struct pollfd
    int descriptor;
    short wanted;
    short seen;
};

// Answers the result, or the negative error number.
long system_call(long number, long a, long b, long c, long d, long e);

long system_read(int descriptor, void *buffer, size_t size);
long system_write(int descriptor, const void *data, size_t size);
long system_poll(struct watched *list, int count, int milliseconds);
void system_exit(int code) __attribute__((noreturn));
uint64_t system_microseconds(void); // of a clock that only goes forward
void system_start(void);            // signals: SIGINT by descriptor, SIGPIPE not at all
int system_interrupt_descriptor(void);

#endif
