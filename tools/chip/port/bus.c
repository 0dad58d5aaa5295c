// `bus`: how the Python that plays the chip's peripherals asks the virtual board for them.
// On the chip these are registers and functions of the SDK, so no heap and little stack is used.

#include "py/runtime.h"
#include "py/mperrno.h"

#include "bus.h"
#include "interrupts.h"
#include "memory.h"
#include "operations.h"
#include "system.h"

enum { LONGEST_TEXT = 128 }; // MAX_TEXT of tools/board/bus.py
enum { OS_ERROR = 1, VALUE_ERROR, OS_ERROR_TEXT, TYPE_ERROR };

static int line = -1;

void bus_attach(int descriptor) {
    line = descriptor;
}

// The host is gone when its end is closed, and with it the hardware.
static void send(const void *data, size_t size) {
    const char *next = data;
    while (size) {
        long done = system_write(line, next, size);
        if (done <= 0) {
            system_exit(0);
        }
        next += done;
        size -= done;
    }
}

void bus_receive(void *buffer, size_t size) {
    char *next = buffer;
    while (size) {
        interrupts_wait_for(line);
        long done = system_read(line, next, size);
        if (done <= 0) {
            system_exit(0);
        }
        next += done;
        size -= done;
    }
}

struct bus_answer bus_exchange(
    int operation, int unit, int32_t a, int32_t b, const void *payload, size_t size) {
    int32_t request[3] = { operation | unit << 8 | (int32_t)(size << 16), a, b };
    uint32_t answer[2];
    send(request, sizeof request);
    send(payload, size);
    bus_receive(answer, sizeof answer);
    return (struct bus_answer) { answer[0] & 0xff, answer[0] >> 16, answer[1] };
}

static void skip(size_t size) {
    char part[16];
    while (size) {
        size_t next = size < sizeof part ? size : sizeof part;
        bus_receive(part, next);
        size -= next;
    }
}

int32_t bus_value(int operation, int unit, int32_t a, int32_t b) {
    struct bus_answer answer = bus_exchange(operation, unit, a, b, NULL, 0);
    skip(answer.size);
    return answer.value;
}

static NORETURN void refuse(int status, int32_t value, size_t size) {
    static const mp_obj_type_t *const types[] = {
        [OS_ERROR] = &mp_type_OSError,
        [VALUE_ERROR] = &mp_type_ValueError,
        [OS_ERROR_TEXT] = &mp_type_OSError,
        [TYPE_ERROR] = &mp_type_TypeError,
    };
    static char text[LONGEST_TEXT];
    bus_receive(text, size < sizeof text ? size : sizeof text);
    if (size) {
        mp_obj_t said = mp_obj_new_str(text, size);
        nlr_raise(mp_obj_exception_make_new(types[status], 1, 0, &said));
    }
    if (types[status] == &mp_type_OSError) {
        mp_raise_OSError(value);
    }
    mp_raise_type(types[status]);
}

// (operation, unit=0, a=0, b=0, payload=b""), as vm/bus.py has it; a refusal is raised.
static struct bus_answer exchange(size_t count, const mp_obj_t *arguments) {
    int unit = count > 1 ? mp_obj_get_int(arguments[1]) : 0;
    int32_t a = count > 2 ? mp_obj_get_int_truncated(arguments[2]) : 0;
    int32_t b = count > 3 ? mp_obj_get_int_truncated(arguments[3]) : 0;
    mp_buffer_info_t payload = { .buf = NULL, .len = 0 };
    if (count > 4) {
        mp_get_buffer_raise(arguments[4], &payload, MP_BUFFER_READ);
    }
    int operation = mp_obj_get_int(arguments[0]);
    if (operation == OP_RESET) { // nothing can be asked afterwards
        memory_report(OP_REPORT_OF_RESET, 0);
    }
    struct bus_answer answer =
        bus_exchange(operation, unit, a, b, payload.buf, payload.len);
    if (answer.status) {
        refuse(answer.status, answer.value, answer.size);
    }
    return answer;
}

static mp_obj_t bus_call(size_t count, const mp_obj_t *arguments) {
    struct bus_answer answer = exchange(count, arguments);
    skip(answer.size);
    return mp_obj_new_int(answer.value);
}
static MP_DEFINE_CONST_FUN_OBJ_VAR_BETWEEN(bus_call_obj, 1, 5, bus_call);

static mp_obj_t bus_fetch(size_t count, const mp_obj_t *arguments) {
    struct bus_answer answer = exchange(count, arguments);
    vstr_t payload;
    vstr_init_len(&payload, answer.size);
    bus_receive(payload.buf, answer.size);
    return mp_obj_new_bytes_from_vstr(&payload);
}
static MP_DEFINE_CONST_FUN_OBJ_VAR_BETWEEN(bus_fetch_obj, 1, 5, bus_fetch);

static const mp_rom_map_elem_t globals_table[] = {
    { MP_ROM_QSTR(MP_QSTR___name__), MP_ROM_QSTR(MP_QSTR_bus) },
    { MP_ROM_QSTR(MP_QSTR_call), MP_ROM_PTR(&bus_call_obj) },
    { MP_ROM_QSTR(MP_QSTR_fetch), MP_ROM_PTR(&bus_fetch_obj) },
};
static MP_DEFINE_CONST_DICT(globals, globals_table);

const mp_obj_module_t bus_module = {
    .base = { &mp_type_module },
    .globals = (mp_obj_dict_t *)&globals,
};
MP_REGISTER_MODULE(MP_QSTR_bus, bus_module);
