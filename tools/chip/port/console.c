// The console. All that Python prints goes through os.dupterm to an object of UART 0, as on the
// chip (ports/esp8266/main.c, mp_reset): its object lies in the heap there, and the way to it
// takes stack.

#include "py/runtime.h"
#include "py/mphal.h"
#include "py/ringbuf.h"
#include "py/stream.h"
#include "py/mperrno.h"
#include "extmod/misc.h"
#include "shared/runtime/interrupt_char.h"

#include "console.h"
#include "interrupts.h"
#include "system.h"

enum { STANDARD_INPUT = 0, STANDARD_OUTPUT = 1 };

static uint8_t received[256];
ringbuf_t stdin_ringbuf = { received, sizeof received, 0, 0 };

void console_receive(char byte) {
    ringbuf_put(&stdin_ringbuf, byte);
}

static bool input_waits(void) {
    struct watched input = { STANDARD_INPUT, EVENT_IN, 0 };
    return system_poll(&input, 1, 0) > 0 && input.seen;
}

int mp_hal_stdin_rx_chr(void) {
    for (;;) {
        chip_take_interrupts();
        mp_handle_pending(true);
        int byte = ringbuf_get(&stdin_ringbuf);
        if (byte != -1) {
            return byte;
        }
        if (input_waits()) {
            uint8_t next;
            if (system_read(STANDARD_INPUT, &next, 1) != 1) {
                system_exit(0); // the serial line is gone
            }
            return next;
        }
        interrupts_watch(STANDARD_INPUT, EVENT_IN);
        chip_wait(-1);
    }
}

uintptr_t mp_hal_stdio_poll(uintptr_t wanted) {
    uintptr_t ready = wanted & MP_STREAM_POLL_WR;
    if (wanted & MP_STREAM_POLL_RD) {
        if (ringbuf_avail(&stdin_ringbuf) || input_waits()) {
            ready |= MP_STREAM_POLL_RD;
        } else {
            interrupts_watch(STANDARD_INPUT, EVENT_IN);
        }
    }
    return ready;
}

mp_uint_t mp_hal_stdout_tx_strn(const char *text, size_t size) {
    int written = mp_os_dupterm_tx_strn(text, size);
    return written < 0 ? 0 : written;
}

static void debug_print(void *self, const char *text, size_t size) {
    (void)self;
    system_write(STANDARD_OUTPUT, text, size);
}

const mp_print_t mp_debug_print = { NULL, debug_print };

static mp_uint_t uart_read(mp_obj_t self, void *buffer, mp_uint_t size, int *error) {
    (void)self, (void)buffer, (void)size;
    *error = MP_EAGAIN; // what comes by UART 0 is the console's
    return MP_STREAM_ERROR;
}

static mp_uint_t uart_write(mp_obj_t self, const void *data, mp_uint_t size, int *error) {
    (void)self, (void)error;
    const char *next = data;
    for (mp_uint_t left = size; left;) {
        long done = system_write(STANDARD_OUTPUT, next, left);
        if (done <= 0) {
            break; // nobody listens: the bytes are lost, as on the wire
        }
        next += done;
        left -= done;
    }
    return size;
}

static mp_uint_t uart_ioctl(mp_obj_t self, mp_uint_t request, uintptr_t argument, int *error) {
    (void)self;
    if (request == MP_STREAM_POLL) {
        return argument & MP_STREAM_POLL_WR;
    }
    *error = MP_EINVAL;
    return MP_STREAM_ERROR;
}

static const mp_stream_p_t uart_stream = {
    .read = uart_read, .write = uart_write, .ioctl = uart_ioctl,
};

static MP_DEFINE_CONST_OBJ_TYPE(
    uart_type, MP_QSTR_UART, MP_TYPE_FLAG_ITER_IS_STREAM, protocol, &uart_stream);

typedef struct {
    mp_obj_base_t base;
    // The port's object holds these (machine_uart.c, machine_uart_obj_t): it takes as much heap.
    uint8_t settings[5];
    uint16_t timeout, timeout_char;
    uint32_t baudrate;
} uart_t;

void console_init(void) {
    uart_t *uart = mp_obj_malloc(uart_t, &uart_type);
    mp_obj_t arguments[2] = { MP_OBJ_FROM_PTR(uart), MP_OBJ_NEW_SMALL_INT(1) };
    mp_os_dupterm_obj.fun.var(2, arguments);
}
