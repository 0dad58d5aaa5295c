// Interrupts: pairs of bytes (kind, unit) from the virtual board, as tools/board/ops.py names them.
//
// On the chip an interrupt's handler puts a Python callback into the scheduler, which has four
// places; one that finds them full is lost without a word (ports/esp8266/machine_pin.c,
// pin_intr_handler; modmachine.c, esp_timer_cb). The callback runs between two bytecodes. Here the
// handler's part happens where the chip turns its loop: in the VM's hook, in waits and in sleeps.

#include "py/runtime.h"
#include "py/mphal.h"

#include "console.h"
#include "interrupts.h"
#include "memory.h"
#include "operations.h"
#include "system.h"

enum { UNITS = 16, MOST_DESCRIPTORS = 64, SIGNAL_SIZE = 128 };
enum { CTRL_C = 3 };

static int line = -1;
static short wanted[MOST_DESCRIPTORS]; // by descriptor: events of this round of polling
static int highest = -1;               // descriptor in `wanted`
static bool report_wanted;
static int report_flags;

// A list of callables, kind * UNITS + unit, or None; each is called with its unit.
MP_REGISTER_ROOT_POINTER(mp_obj_t chip_handlers);

void interrupts_attach(int descriptor) {
    line = descriptor;
    MP_STATE_VM(chip_handlers) = mp_const_none;
}

static mp_obj_t handler_of(int kind, int unit) {
    if (MP_STATE_VM(chip_handlers) == mp_const_none) {
        return mp_const_none;
    }
    size_t count;
    mp_obj_t *handlers;
    mp_obj_get_array(MP_STATE_VM(chip_handlers), &count, &handlers);
    size_t at = kind * UNITS + unit;
    return at < count ? handlers[at] : mp_const_none;
}

static void take_event(void) {
    uint8_t pair[2];
    if (system_read(line, pair, sizeof pair) != sizeof pair) {
        system_exit(0); // the host is gone, and with it the hardware
    }
    if (pair[0] == OP_EVENT_REPORT) {
        report_wanted = true;
        report_flags = pair[1];
        return;
    }
    mp_obj_t handler = handler_of(pair[0], pair[1]);
    if (handler != mp_const_none) {
        mp_sched_schedule(handler, MP_OBJ_NEW_SMALL_INT(pair[1])); // lost where it finds no place
    }
}

static void take_ctrl_c(void) {
    char signals[SIGNAL_SIZE];
    if (system_read(system_interrupt_descriptor(), signals, sizeof signals) > 0) {
        if (mp_interrupt_char == CTRL_C) {
            mp_sched_keyboard_interrupt();
        } else {
            console_receive(CTRL_C);
        }
    }
}

// The two lines of interrupts are the first entries of each list that is polled.
static void list_lines(struct watched *list) {
    list[0] = (struct watched) { line, EVENT_IN, 0 };
    list[1] = (struct watched) { system_interrupt_descriptor(), EVENT_IN, 0 };
}

static void take_lines(const struct watched *list) {
    if (list[0].seen) {
        take_event();
    }
    if (list[1].seen) {
        take_ctrl_c();
    }
}

void chip_take_interrupts(void) {
    struct watched lines[2];
    list_lines(lines);
    while (system_poll(lines, 2, 0) > 0) {
        take_lines(lines);
    }
    if (report_wanted) {
        report_wanted = false;
        memory_report(OP_REPORT_OF_NOW, report_flags);
    }
}

void interrupts_watch(int descriptor, int events) {
    if (descriptor >= 0 && descriptor < MOST_DESCRIPTORS) {
        wanted[descriptor] |= events;
        highest = descriptor > highest ? descriptor : highest;
    }
}

// A static list: 66 entries on the stack would be 528 bytes that the chip does not use there.
void chip_wait(int milliseconds) {
    static struct watched list[MOST_DESCRIPTORS + 2];
    int count = 2;
    list_lines(list);
    for (int i = 0; i <= highest; i++) {
        if (wanted[i]) {
            list[count++] = (struct watched) { i, wanted[i], 0 };
            wanted[i] = 0;
        }
    }
    highest = -1;
    if (!mp_sched_num_pending()) {
        system_poll(list, count, milliseconds);
    }
}

void interrupts_wait_for(int descriptor) {
    struct watched list[3];
    for (;;) {
        list_lines(list);
        list[2] = (struct watched) { descriptor, EVENT_IN, 0 };
        if (system_poll(list, 3, -1) > 0) {
            take_lines(list);
            if (list[2].seen) {
                return;
            }
        }
    }
}

// `events`, in the place of vm/events.py: the stubs put their handlers into a list of its.
static mp_obj_t events_attach(mp_obj_t handlers) {
    MP_STATE_VM(chip_handlers) = handlers;
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_1(events_attach_obj, events_attach);

static const mp_rom_map_elem_t globals_table[] = {
    { MP_ROM_QSTR(MP_QSTR___name__), MP_ROM_QSTR(MP_QSTR__events) },
    { MP_ROM_QSTR(MP_QSTR_attach), MP_ROM_PTR(&events_attach_obj) },
};
static MP_DEFINE_CONST_DICT(globals, globals_table);

const mp_obj_module_t events_module = {
    .base = { &mp_type_module },
    .globals = (mp_obj_dict_t *)&globals,
};
MP_REGISTER_MODULE(MP_QSTR__events, events_module);
