// `esp` (ports/esp8266/modesp.c): the flash, on which the port's own flashbdev.py builds, and the
// few other functions that need no radio of ours.

#include "py/runtime.h"
#include "py/mperrno.h"

#include "bus.h"
#include "esp.h"
#include "operations.h"
#include "system.h"

enum { MOST_IN_ONE_ANSWER = 1024, SDK_HEAP = 20000, NO_SLEEP = 0, LIGHT_SLEEP, MODEM_SLEEP };

static struct {
    int descriptor; // of the file that holds the file system's part of the flash
    uint32_t start; // bytes: where in the flash that part begins
    uint32_t size;
} image = { -1, 0, 0 };

void esp_attach_image(int descriptor, uint32_t start, uint32_t size) {
    image.descriptor = descriptor;
    image.start = start;
    image.size = size;
}

static bool in_image(uint32_t offset, size_t size) {
    return image.descriptor >= 0 && offset >= image.start
           && offset + size <= image.start + image.size;
}

static void raise_if_refused(struct bus_answer answer) {
    if (answer.status) {
        mp_raise_OSError(answer.value ? answer.value : MP_EIO);
    }
}

// The file system reads often: from the file itself, without asking the host.
static void read_flash(uint32_t offset, char *buffer, size_t size) {
    if (in_image(offset, size)) {
        system_call(SYS_LSEEK, image.descriptor, offset - image.start, 0, 0, 0);
        system_read(image.descriptor, buffer, size);
        return;
    }
    while (size) {
        size_t part = size < MOST_IN_ONE_ANSWER ? size : MOST_IN_ONE_ANSWER;
        struct bus_answer answer = bus_exchange(OP_FLASH_READ, 0, offset, part, NULL, 0);
        raise_if_refused(answer);
        bus_receive(buffer, answer.size);
        buffer += part, offset += part, size -= part;
    }
}

static mp_obj_t esp_flash_read(mp_obj_t offset, mp_obj_t size_or_buffer) {
    if (mp_obj_is_int(size_or_buffer)) {
        vstr_t data;
        vstr_init_len(&data, mp_obj_get_int(size_or_buffer));
        read_flash(mp_obj_get_int(offset), data.buf, data.len);
        return mp_obj_new_bytes_from_vstr(&data);
    }
    mp_buffer_info_t buffer;
    mp_get_buffer_raise(size_or_buffer, &buffer, MP_BUFFER_WRITE);
    read_flash(mp_obj_get_int(offset), buffer.buf, buffer.len);
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_2(esp_flash_read_obj, esp_flash_read);

static mp_obj_t esp_flash_write(mp_obj_t offset, mp_obj_t data) {
    mp_buffer_info_t bytes;
    mp_get_buffer_raise(data, &bytes, MP_BUFFER_READ);
    if (bytes.len % 4) {
        mp_raise_ValueError(MP_ERROR_TEXT("len must be multiple of 4"));
    }
    raise_if_refused(
        bus_exchange(OP_FLASH_WRITE, 0, mp_obj_get_int(offset), 0, bytes.buf, bytes.len));
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_2(esp_flash_write_obj, esp_flash_write);

static mp_obj_t esp_flash_erase(mp_obj_t sector) {
    raise_if_refused(bus_exchange(OP_FLASH_ERASE, 0, mp_obj_get_int(sector), 0, NULL, 0));
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_1(esp_flash_erase_obj, esp_flash_erase);

static mp_obj_t esp_flash_size(void) {
    return mp_obj_new_int_from_uint(bus_value(OP_FLASH_SIZE, 0, 0, 0));
}
static MP_DEFINE_CONST_FUN_OBJ_0(esp_flash_size_obj, esp_flash_size);

static mp_obj_t esp_flash_user_start(void) {
    return MP_OBJ_NEW_SMALL_INT(bus_value(OP_FLASH_USER_START, 0, 0, 0));
}
static MP_DEFINE_CONST_FUN_OBJ_0(esp_flash_user_start_obj, esp_flash_user_start);

static mp_obj_t esp_flash_id(void) {
    return mp_obj_new_int(bus_value(OP_FLASH_ID, 0, 0, 0));
}
static MP_DEFINE_CONST_FUN_OBJ_0(esp_flash_id_obj, esp_flash_id);

static mp_obj_t esp_osdebug(size_t count, const mp_obj_t *arguments) {
    (void)count, (void)arguments; // the SDK has nothing to say here
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_VAR_BETWEEN(esp_osdebug_obj, 1, 2, esp_osdebug);

static mp_obj_t esp_sleep_type(size_t count, const mp_obj_t *arguments) {
    if (!count) {
        return MP_OBJ_NEW_SMALL_INT(bus_value(OP_WIFI_GET_INT, 0, OP_CONFIG_PM, 0));
    }
    bus_value(OP_WIFI_SET_INT, 0, OP_CONFIG_PM, mp_obj_get_int(arguments[0]));
    bus_value(OP_WIFI_COMMIT, 0, 0, 0);
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_VAR_BETWEEN(esp_sleep_type_obj, 0, 1, esp_sleep_type);

static mp_obj_t esp_freemem(void) {
    return MP_OBJ_NEW_SMALL_INT(SDK_HEAP);
}
static MP_DEFINE_CONST_FUN_OBJ_0(esp_freemem_obj, esp_freemem);

static mp_obj_t esp_check_fw(void) {
    return mp_const_true;
}
static MP_DEFINE_CONST_FUN_OBJ_0(esp_check_fw_obj, esp_check_fw);

static const mp_rom_map_elem_t globals_table[] = {
    { MP_ROM_QSTR(MP_QSTR___name__), MP_ROM_QSTR(MP_QSTR_esp) },
    { MP_ROM_QSTR(MP_QSTR_SLEEP_LIGHT), MP_ROM_INT(LIGHT_SLEEP) },
    { MP_ROM_QSTR(MP_QSTR_SLEEP_MODEM), MP_ROM_INT(MODEM_SLEEP) },
    { MP_ROM_QSTR(MP_QSTR_SLEEP_NONE), MP_ROM_INT(NO_SLEEP) },
    { MP_ROM_QSTR(MP_QSTR_check_fw), MP_ROM_PTR(&esp_check_fw_obj) },
    { MP_ROM_QSTR(MP_QSTR_flash_erase), MP_ROM_PTR(&esp_flash_erase_obj) },
    { MP_ROM_QSTR(MP_QSTR_flash_id), MP_ROM_PTR(&esp_flash_id_obj) },
    { MP_ROM_QSTR(MP_QSTR_flash_read), MP_ROM_PTR(&esp_flash_read_obj) },
    { MP_ROM_QSTR(MP_QSTR_flash_size), MP_ROM_PTR(&esp_flash_size_obj) },
    { MP_ROM_QSTR(MP_QSTR_flash_user_start), MP_ROM_PTR(&esp_flash_user_start_obj) },
    { MP_ROM_QSTR(MP_QSTR_flash_write), MP_ROM_PTR(&esp_flash_write_obj) },
    { MP_ROM_QSTR(MP_QSTR_freemem), MP_ROM_PTR(&esp_freemem_obj) },
    { MP_ROM_QSTR(MP_QSTR_osdebug), MP_ROM_PTR(&esp_osdebug_obj) },
    { MP_ROM_QSTR(MP_QSTR_sleep_type), MP_ROM_PTR(&esp_sleep_type_obj) },
};
static MP_DEFINE_CONST_DICT(globals, globals_table);

const mp_obj_module_t esp_module = {
    .base = { &mp_type_module },
    .globals = (mp_obj_dict_t *)&globals,
};
MP_REGISTER_MODULE(MP_QSTR_esp, esp_module);
