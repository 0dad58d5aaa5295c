// The collector's roots: registers and the whole stack, as in ports/esp8266/gccollect.c.

#include "py/gc.h"
#include "py/mpstate.h"

mp_uint_t gc_helper_get_regs_and_sp(mp_uint_t *registers); // the port's own gchelper.s

void gc_collect(void) {
    mp_uint_t registers[8];
    gc_collect_start();
    mp_uint_t stack_pointer = gc_helper_get_regs_and_sp(registers);
    mp_uint_t words = ((mp_uint_t)MP_STATE_THREAD(stack_top) - stack_pointer) / sizeof(mp_uint_t);
    gc_collect_root((void **)stack_pointer, words);
    gc_collect_end();
}
