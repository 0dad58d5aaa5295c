// `wires`: local sockets of the PC, which carry the connections of the chip's played `socket`
// (tools/board/vm/socket.py), and `Pollable`, from which its sockets inherit what select.poll()
// asks in C on the chip.

#include "py/runtime.h"
#include "py/mperrno.h"
#include "py/stream.h"

#include "interrupts.h"
#include "system.h"
#include "../plugin/mark.h"

enum { GET_FLAGS = 3, SET_FLAGS = 4, NONBLOCKING = 04000, AF_UNIX = 1 };
enum { SOCK_STREAM = 1, SOCK_DGRAM = 2, MSG_PEEK = 2 };

// For who counts instructions, see tools/chip/count.py.
enum { MARK_ACCEPTED = 1, MARK_CLOSED = 2, MARK_LISTENING = 3 };

typedef struct {
    mp_obj_base_t base;
    int descriptor; // -1: closed
} socket_t;

static const mp_obj_type_t socket_type;

static long checked(long result) {
    if (result < 0) {
        mp_raise_OSError(-result);
    }
    return result;
}

static mp_obj_t socket_new(int descriptor) {
    socket_t *self = mp_obj_malloc_with_finaliser(socket_t, &socket_type);
    self->descriptor = descriptor;
    return MP_OBJ_FROM_PTR(self);
}

static mp_obj_t socket_make_new(
    const mp_obj_type_t *type, size_t count, size_t keywords, const mp_obj_t *arguments) {
    (void)type;
    mp_arg_check_num(count, keywords, 0, 2, false);
    int family = count > 0 ? mp_obj_get_int(arguments[0]) : AF_UNIX;
    int kind = count > 1 ? mp_obj_get_int(arguments[1]) : SOCK_STREAM;
    return socket_new(checked(system_call(SYS_SOCKET, family, kind, 0, 0, 0)));
}

static int descriptor_of(mp_obj_t self) {
    return ((socket_t *)MP_OBJ_TO_PTR(self))->descriptor;
}

static mp_uint_t result_of(long result, int *error) {
    if (result < 0) {
        *error = -result;
        return MP_STREAM_ERROR;
    }
    return result;
}

static mp_uint_t socket_read(mp_obj_t self, void *buffer, mp_uint_t size, int *error) {
    return result_of(system_read(descriptor_of(self), buffer, size), error);
}

static mp_uint_t socket_write(mp_obj_t self, const void *data, mp_uint_t size, int *error) {
    return result_of(system_write(descriptor_of(self), data, size), error);
}

// Which of the `wanted` events are there; a poll that waits for the others is noted.
static mp_uint_t poll_descriptor(int descriptor, mp_uint_t wanted) {
    struct watched one = { descriptor, wanted, 0 };
    if (system_poll(&one, 1, 0) > 0) {
        return one.seen;
    }
    interrupts_watch(descriptor, wanted);
    return 0;
}

static mp_uint_t socket_ioctl(mp_obj_t self_in, mp_uint_t request, uintptr_t argument, int *error) {
    socket_t *self = MP_OBJ_TO_PTR(self_in);
    switch (request) {
        case MP_STREAM_POLL:
            return self->descriptor < 0 ? MP_STREAM_POLL_NVAL
                                        : poll_descriptor(self->descriptor, argument);
        case MP_STREAM_CLOSE:
            if (self->descriptor >= 0) {
                system_call(SYSTEM_CALL_MARK, MARK_CLOSED, self->descriptor, 0, 0, 0);
                system_call(SYS_CLOSE, self->descriptor, 0, 0, 0, 0);
                self->descriptor = -1;
            }
            return 0;
        default:
            *error = MP_EINVAL;
            return MP_STREAM_ERROR;
    }
}

static const mp_stream_p_t socket_stream = {
    .read = socket_read, .write = socket_write, .ioctl = socket_ioctl,
};

static mp_obj_t socket_fileno(mp_obj_t self) {
    return MP_OBJ_NEW_SMALL_INT(descriptor_of(self));
}
static MP_DEFINE_CONST_FUN_OBJ_1(socket_fileno_obj, socket_fileno);

static mp_obj_t socket_setblocking(mp_obj_t self, mp_obj_t flag) {
    int descriptor = descriptor_of(self);
    long flags = checked(system_call(SYS_FCNTL, descriptor, GET_FLAGS, 0, 0, 0));
    flags = mp_obj_is_true(flag) ? flags & ~NONBLOCKING : flags | NONBLOCKING;
    checked(system_call(SYS_FCNTL, descriptor, SET_FLAGS, flags, 0, 0));
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_2(socket_setblocking_obj, socket_setblocking);

// The address is a whole sockaddr_un, as unix MicroPython takes it.
static mp_obj_t socket_bind(mp_obj_t self, mp_obj_t address) {
    mp_buffer_info_t bytes;
    mp_get_buffer_raise(address, &bytes, MP_BUFFER_READ);
    checked(system_call(SYS_BIND, descriptor_of(self), (long)bytes.buf, bytes.len, 0, 0));
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_2(socket_bind_obj, socket_bind);

static mp_obj_t socket_listen(mp_obj_t self, mp_obj_t backlog) {
    checked(system_call(SYS_LISTEN, descriptor_of(self), mp_obj_get_int(backlog), 0, 0, 0));
    system_call(SYSTEM_CALL_MARK, MARK_LISTENING, descriptor_of(self), 0, 0, 0);
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_2(socket_listen_obj, socket_listen);

static mp_obj_t socket_accept(mp_obj_t self) {
    long descriptor = checked(system_call(SYS_ACCEPT, descriptor_of(self), 0, 0, 0, 0));
    system_call(SYSTEM_CALL_MARK, MARK_ACCEPTED, descriptor, 0, 0, 0);
    mp_obj_t pair[2] = { socket_new(descriptor), mp_const_none };
    return mp_obj_new_tuple(2, pair);
}
static MP_DEFINE_CONST_FUN_OBJ_1(socket_accept_obj, socket_accept);

static mp_obj_t socket_setsockopt(size_t count, const mp_obj_t *arguments) {
    (void)count;
    int value = mp_obj_get_int(arguments[3]);
    checked(system_call(SYS_SETSOCKOPT, descriptor_of(arguments[0]), mp_obj_get_int(arguments[1]),
        mp_obj_get_int(arguments[2]), (long)&value, sizeof value));
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_VAR_BETWEEN(socket_setsockopt_obj, 4, 4, socket_setsockopt);

static mp_obj_t socket_recv(size_t count, const mp_obj_t *arguments) {
    vstr_t data;
    vstr_init_len(&data, mp_obj_get_int(arguments[1]));
    int flags = count > 2 ? mp_obj_get_int(arguments[2]) : 0;
    data.len = checked(system_call(
        SYS_RECV, descriptor_of(arguments[0]), (long)data.buf, data.len, flags, 0));
    return mp_obj_new_bytes_from_vstr(&data);
}
static MP_DEFINE_CONST_FUN_OBJ_VAR_BETWEEN(socket_recv_obj, 2, 3, socket_recv);

static const mp_rom_map_elem_t socket_locals_table[] = {
    { MP_ROM_QSTR(MP_QSTR___del__), MP_ROM_PTR(&mp_stream_close_obj) },
    { MP_ROM_QSTR(MP_QSTR_accept), MP_ROM_PTR(&socket_accept_obj) },
    { MP_ROM_QSTR(MP_QSTR_bind), MP_ROM_PTR(&socket_bind_obj) },
    { MP_ROM_QSTR(MP_QSTR_close), MP_ROM_PTR(&mp_stream_close_obj) },
    { MP_ROM_QSTR(MP_QSTR_fileno), MP_ROM_PTR(&socket_fileno_obj) },
    { MP_ROM_QSTR(MP_QSTR_listen), MP_ROM_PTR(&socket_listen_obj) },
    { MP_ROM_QSTR(MP_QSTR_read), MP_ROM_PTR(&mp_stream_read_obj) },
    { MP_ROM_QSTR(MP_QSTR_readinto), MP_ROM_PTR(&mp_stream_readinto_obj) },
    { MP_ROM_QSTR(MP_QSTR_readline), MP_ROM_PTR(&mp_stream_unbuffered_readline_obj) },
    { MP_ROM_QSTR(MP_QSTR_recv), MP_ROM_PTR(&socket_recv_obj) },
    { MP_ROM_QSTR(MP_QSTR_setblocking), MP_ROM_PTR(&socket_setblocking_obj) },
    { MP_ROM_QSTR(MP_QSTR_setsockopt), MP_ROM_PTR(&socket_setsockopt_obj) },
    { MP_ROM_QSTR(MP_QSTR_write), MP_ROM_PTR(&mp_stream_write_obj) },
};
static MP_DEFINE_CONST_DICT(socket_locals, socket_locals_table);

static MP_DEFINE_CONST_OBJ_TYPE(
    socket_type, MP_QSTR_socket, MP_TYPE_FLAG_NONE,
    make_new, socket_make_new, protocol, &socket_stream, locals_dict, &socket_locals);

// Pollable: the base of the played sockets. `watch(socket)` says whose descriptor
// poll() sees, `unwatch()` closes it.

typedef struct {
    mp_obj_base_t base;
    mp_obj_t watched; // a socket of this module, or None
} pollable_t;

static const mp_obj_type_t pollable_type;

static mp_obj_t pollable_make_new(
    const mp_obj_type_t *type, size_t count, size_t keywords, const mp_obj_t *arguments) {
    (void)count, (void)keywords, (void)arguments;
    pollable_t *self = mp_obj_malloc(pollable_t, type);
    self->watched = mp_const_none;
    return MP_OBJ_FROM_PTR(self);
}

static pollable_t *pollable_of(mp_obj_t instance) {
    return MP_OBJ_TO_PTR(mp_obj_cast_to_native_base(instance, MP_OBJ_FROM_PTR(&pollable_type)));
}

static mp_obj_t pollable_watch(mp_obj_t self, mp_obj_t socket) {
    pollable_of(self)->watched = socket;
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_2(pollable_watch_obj, pollable_watch);

static mp_obj_t pollable_unwatch(mp_obj_t self) {
    mp_obj_t watched = pollable_of(self)->watched;
    return watched == mp_const_none ? mp_const_none : mp_stream_close(watched);
}
static MP_DEFINE_CONST_FUN_OBJ_1(pollable_unwatch_obj, pollable_unwatch);

static mp_uint_t pollable_ioctl(
    mp_obj_t self, mp_uint_t request, uintptr_t argument, int *error) {
    mp_obj_t watched = pollable_of(self)->watched;
    if (request == MP_STREAM_POLL && watched != mp_const_none) {
        return socket_ioctl(watched, request, argument, error);
    }
    *error = MP_EINVAL;
    return MP_STREAM_ERROR;
}

static const mp_stream_p_t pollable_stream = { .ioctl = pollable_ioctl };

static const mp_rom_map_elem_t pollable_locals_table[] = {
    { MP_ROM_QSTR(MP_QSTR_watch), MP_ROM_PTR(&pollable_watch_obj) },
    { MP_ROM_QSTR(MP_QSTR_unwatch), MP_ROM_PTR(&pollable_unwatch_obj) },
};
static MP_DEFINE_CONST_DICT(pollable_locals, pollable_locals_table);

static MP_DEFINE_CONST_OBJ_TYPE(
    pollable_type, MP_QSTR_Pollable, MP_TYPE_FLAG_NONE,
    make_new, pollable_make_new, protocol, &pollable_stream, locals_dict, &pollable_locals);

static const mp_rom_map_elem_t globals_table[] = {
    { MP_ROM_QSTR(MP_QSTR___name__), MP_ROM_QSTR(MP_QSTR_wires) },
    { MP_ROM_QSTR(MP_QSTR_AF_UNIX), MP_ROM_INT(AF_UNIX) },
    { MP_ROM_QSTR(MP_QSTR_MSG_PEEK), MP_ROM_INT(MSG_PEEK) },
    { MP_ROM_QSTR(MP_QSTR_Pollable), MP_ROM_PTR(&pollable_type) },
    { MP_ROM_QSTR(MP_QSTR_SOCK_DGRAM), MP_ROM_INT(SOCK_DGRAM) },
    { MP_ROM_QSTR(MP_QSTR_SOCK_STREAM), MP_ROM_INT(SOCK_STREAM) },
    { MP_ROM_QSTR(MP_QSTR_socket), MP_ROM_PTR(&socket_type) },
};
static MP_DEFINE_CONST_DICT(globals, globals_table);

const mp_obj_module_t wires_module = {
    .base = { &mp_type_module },
    .globals = (mp_obj_dict_t *)&globals,
};
MP_REGISTER_MODULE(MP_QSTR_wires, wires_module);
