// What MicroPython's core wants of a port (py/mphal.h), for the virtual ESP8266.

#ifndef PICOPIN_CHIP_HAL_H
#define PICOPIN_CHIP_HAL_H

#include <stdint.h>

#include "py/ringbuf.h"
#include "shared/runtime/interrupt_char.h"

// Interrupts come between two bytecodes only (interrupts.c), so no section is ever interrupted.
#define MICROPY_BEGIN_ATOMIC_SECTION() (0)
#define MICROPY_END_ATOMIC_SECTION(state) (void)(state)

extern const struct _mp_print_t mp_debug_print;

extern ringbuf_t stdin_ringbuf; // what came by the serial line and was not read

void mp_hal_set_interrupt_char(int c);

// Pins are Python objects here (machine.PinBase), for machine.Signal and time_pulse_us().
#include "extmod/virtpin.h"
#define MP_HAL_PIN_FMT "%p"
#define mp_hal_pin_obj_t mp_obj_t
#define mp_hal_get_pin_obj(pin) (pin)
#define mp_hal_pin_read(pin) mp_virtual_pin_read(pin)

#endif
