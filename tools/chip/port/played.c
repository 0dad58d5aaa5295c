// Modules that the chip has in C and the virtual board plays in Python: machine, network, socket.
//
// They are registered as the chip's are, so that `import machine` looks through the file system
// first and `import umachine` does not, and what they contain is bound when the stubs have loaded;
// without a board they are empty.
// `_machine` has the parts of `machine` that need no hardware, for the stub to take over.

#include "py/runtime.h"
#include "extmod/modmachine.h"
#include "extmod/virtpin.h"

#define EMPTY_MODULE { { &mp_type_module }, (mp_obj_dict_t *)&mp_const_empty_dict_obj }

mp_obj_module_t machine_module = EMPTY_MODULE;
mp_obj_module_t network_module = EMPTY_MODULE;
mp_obj_module_t socket_module = EMPTY_MODULE;
MP_REGISTER_EXTENSIBLE_MODULE(MP_QSTR_machine, machine_module);
MP_REGISTER_MODULE(MP_QSTR_network, network_module);
MP_REGISTER_EXTENSIBLE_MODULE(MP_QSTR_socket, socket_module);

// The collector does not look into the structures above.
MP_REGISTER_ROOT_POINTER(mp_obj_t chip_played[3]);

static mp_obj_t played_bind(mp_obj_t machine, mp_obj_t network, mp_obj_t socket) {
    machine_module.globals = mp_obj_module_get_globals(machine);
    network_module.globals = mp_obj_module_get_globals(network);
    socket_module.globals = mp_obj_module_get_globals(socket);
    MP_STATE_VM(chip_played)[0] = machine;
    MP_STATE_VM(chip_played)[1] = network;
    MP_STATE_VM(chip_played)[2] = socket;
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_3(played_bind_obj, played_bind);

static mp_obj_t machine_idle(void) {
    mp_event_handle_nowait();
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_0(machine_idle_obj, machine_idle);

static const mp_rom_map_elem_t globals_table[] = {
    { MP_ROM_QSTR(MP_QSTR___name__), MP_ROM_QSTR(MP_QSTR__machine) },
    { MP_ROM_QSTR(MP_QSTR_PinBase), MP_ROM_PTR(&machine_pinbase_type) },
    { MP_ROM_QSTR(MP_QSTR_Signal), MP_ROM_PTR(&machine_signal_type) },
    { MP_ROM_QSTR(MP_QSTR_bind), MP_ROM_PTR(&played_bind_obj) },
    { MP_ROM_QSTR(MP_QSTR_idle), MP_ROM_PTR(&machine_idle_obj) },
    { MP_ROM_QSTR(MP_QSTR_mem16), MP_ROM_PTR(&machine_mem16_obj) },
    { MP_ROM_QSTR(MP_QSTR_mem32), MP_ROM_PTR(&machine_mem32_obj) },
    { MP_ROM_QSTR(MP_QSTR_mem8), MP_ROM_PTR(&machine_mem8_obj) },
    { MP_ROM_QSTR(MP_QSTR_time_pulse_us), MP_ROM_PTR(&machine_time_pulse_us_obj) },
};
static MP_DEFINE_CONST_DICT(globals, globals_table);

const mp_obj_module_t chip_machine_module = {
    .base = { &mp_type_module },
    .globals = (mp_obj_dict_t *)&globals,
};
MP_REGISTER_MODULE(MP_QSTR__machine, chip_machine_module);
