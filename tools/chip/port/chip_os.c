// What the `os` module asks of the port (ports/esp8266/modos.c). Included by extmod/modos.c.

#include "system.h"

static const char *mp_os_uname_release(void) {
    return "2.2.0-dev(9422289)"; // the SDK's version as the boards' MicroPython reports it
}

static mp_obj_t mp_os_urandom(mp_obj_t count) {
    vstr_t bytes;
    vstr_init_len(&bytes, mp_obj_get_int(count));
    system_call(SYS_GETRANDOM, (long)bytes.buf, bytes.len, 0, 0, 0);
    return mp_obj_new_bytes_from_vstr(&bytes);
}
static MP_DEFINE_CONST_FUN_OBJ_1(mp_os_urandom_obj, mp_os_urandom);

void mp_os_dupterm_stream_detached_attached(mp_obj_t detached, mp_obj_t attached) {
    (void)detached, (void)attached;
}
