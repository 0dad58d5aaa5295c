// Switches of this build: those of the ESP8266 port itself, read from its own header, and below
// them the few that cannot hold where there is no SDK underneath. None of the changes adds or
// removes anything that the firmware can see, but for the modules named here.

#ifndef PICOPIN_MPCONFIGPORT_H
#define PICOPIN_MPCONFIGPORT_H

#include "ports/esp8266/mpconfigport.h"

// A Python call on the chip fails 64 bytes before its stack is full since MicroPython 1.27, which
// boards get; earlier sources have 0 here.
#undef MICROPY_STACK_CHECK_MARGIN
#define MICROPY_STACK_CHECK_MARGIN (64)

// Played by the virtual board, see played.c: in C on the chip, in Python here.
#undef MICROPY_PY_MACHINE
#define MICROPY_PY_MACHINE (0)
#define MICROPY_PY_MACHINE_PIN_BASE (1)
#define MICROPY_PY_MACHINE_SIGNAL (1)
#define MICROPY_PY_MACHINE_MEMX (1) // its PULSE stays
#undef MICROPY_PY_MACHINE_ADC
#undef MICROPY_PY_MACHINE_BITSTREAM
#undef MICROPY_PY_MACHINE_DHT_READINTO
#undef MICROPY_PY_MACHINE_PWM
#undef MICROPY_PY_MACHINE_SOFTI2C
#undef MICROPY_PY_MACHINE_SPI
#undef MICROPY_PY_MACHINE_SOFTSPI
#undef MICROPY_PY_MACHINE_UART
#undef MICROPY_PY_MACHINE_WDT
#undef MICROPY_PY_MACHINE_PIN_MAKE_NEW
#undef MICROPY_PY_NETWORK
#define MICROPY_PY_NETWORK (0)
#undef MICROPY_PY_LWIP
#define MICROPY_PY_LWIP (0)
#define MICROPY_PY_SOCKET (0)

// Not played: nothing of Picopin's uses them, and each needs the SDK, axTLS or native code.
#undef MICROPY_PY_ONEWIRE
#undef MICROPY_PY_WEBSOCKET
#undef MICROPY_PY_WEBREPL
#undef MICROPY_PY_CRYPTOLIB
#undef MICROPY_PY_HASHLIB_SHA1
#undef MICROPY_EMIT_XTENSA
#undef MICROPY_EMIT_INLINE_XTENSA
#undef MP_PLAT_COMMIT_EXEC

// Where the port asks its SDK, this one asks the virtual board.
#undef MICROPY_MPHALPORT_H
#define MICROPY_MPHALPORT_H "chip_hal.h"
#undef MICROPY_PY_OS_INCLUDEFILE
#define MICROPY_PY_OS_INCLUDEFILE "chip_os.c"
#undef MICROPY_PY_RANDOM_SEED_INIT_FUNC
#define MICROPY_PY_RANDOM_SEED_INIT_FUNC chip_random_word()
#undef MICROPY_MODULE_FROZEN_LEXER
#undef MP_FASTCODE
#define MP_FASTCODE(n) n
#undef MICROPY_PY_BUILTINS_HELP_TEXT

unsigned chip_random_word(void);

// Waiting: the chip turns its loop in circles; this one sleeps until a descriptor or an interrupt
// wakes it, which no program can tell apart.
#undef MICROPY_INTERNAL_WFE
#define MICROPY_INTERNAL_WFE(TIMEOUT_MS) \
    do { \
        extern void chip_wait(int milliseconds); \
        chip_wait(TIMEOUT_MS); \
    } while (0)
#undef MICROPY_INTERNAL_EVENT_HOOK
#define MICROPY_INTERNAL_EVENT_HOOK \
    do { \
        extern void chip_take_interrupts(void); \
        chip_take_interrupts(); \
    } while (0)

// The VM looks for interrupts at every 200th jump, the chip at every 10th: a look is a system call
// here, and at every 10th jump it would be a third of all that a request executes.
#undef MICROPY_VM_HOOK_COUNT
#define MICROPY_VM_HOOK_COUNT (200)

#endif
