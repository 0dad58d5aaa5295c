// The start: what ports/esp8266/main.c does at power-on, for a process of the virtual board.
//
//   micropython [-i] [-X heapsize=N] -c CODE [ARGUMENT...]
//
// As the unix port takes them, so that tools.board starts either. `-c "import start" BUS EVENTS`
// is one life of a board on these two descriptors; any other CODE is run and that is all.

#include <string.h>

#include "py/builtin.h"
#include "py/compile.h"
#include "py/cstack.h"
#include "py/gc.h"
#include "py/mperrno.h"
#include "py/mphal.h"
#include "py/objarray.h"
#include "py/runtime.h"
#include "extmod/vfs.h"
#include "shared/readline/readline.h"
#include "shared/runtime/pyexec.h"

#include "bus.h"
#include "clock.h"
#include "console.h"
#include "esp.h"
#include "interrupts.h"
#include "memory.h"
#include "operations.h"
#include "system.h"

enum { MOST_HEAP = 1 << 20, CHIP_HEAP = 38 * 1024, MOST_ROM = 1 << 20 };
enum { SECTOR = 4096, MOST_ARGUMENTS = 8 };
enum { STACK_OF_STUBS = 49152 }; // bytes: loading them is no work of the chip's

static char heap[MOST_HEAP] __attribute__((aligned(16)));
static char rom[MOST_ROM] __attribute__((aligned(16))); // the part of the flash that runs in place
static size_t rom_size;

struct options {
    size_t heap_size;
    const char *code;
    int count;
    const char *arguments[MOST_ARGUMENTS];
};

__asm__ (
    ".text\n"
    ".align 4\n"
    ".global _start\n"
    "_start:\n"
    "    mov a12, a1\n" // at argc, as Linux starts a program
    "    call0 memory_stack_end\n"
    "    mov a1, a2\n"
    "    mov a2, a12\n"
    "    call0 start_process\n"
    );

static int number(const char *text) {
    int value = 0;
    for (; *text >= '0' && *text <= '9'; text++) {
        value = value * 10 + *text - '0';
    }
    return value;
}

static struct options read_options(int count, char **words) {
    static const char heapsize[] = "heapsize=";
    struct options options = { .heap_size = CHIP_HEAP };
    for (int i = 1; i < count; i++) {
        if (!strcmp(words[i], "-X") && i + 1 < count) {
            i++;
            if (!strncmp(words[i], heapsize, sizeof heapsize - 1)) {
                options.heap_size = number(words[i] + sizeof heapsize - 1);
            }
        } else if (!strcmp(words[i], "-c") && i + 1 < count) {
            options.code = words[++i];
        } else if (options.code && options.count < MOST_ARGUMENTS) {
            options.arguments[options.count++] = words[i];
        }
    }
    if (options.heap_size > sizeof heap) {
        options.heap_size = sizeof heap;
    }
    return options;
}

static void start_python(size_t heap_size) {
    mp_cstack_init_with_top(memory_stack_end(), STACK_OF_STUBS);
    gc_init(heap, heap + heap_size);
    mp_init();
    readline_init0();
    console_init();
}

// The port appends these to what mp_init() has put there (mp_reset() of main.c).
static void complete_path(void) {
    mp_obj_list_append(mp_sys_path, MP_OBJ_NEW_QSTR(MP_QSTR__slash_lib));
    mp_obj_list_append(mp_sys_path, MP_OBJ_NEW_QSTR(MP_QSTR__slash_));
}

static int run_code(const char *code) {
    vstr_t text = { .buf = (char *)code, .len = strlen(code) };
    return pyexec_vstr(&text, true);
}

static int32_t life(int field) {
    return bus_value(OP_LIFE, field, 0, 0);
}

static void load_rom(void) {
    int descriptor = life(OP_LIFE_ROM_FD);
    if (descriptor < 0) {
        return;
    }
    size_t size = life(OP_LIFE_ROM_SIZE);
    while (rom_size < size && size <= sizeof rom) {
        long got = system_read(descriptor, rom + rom_size, size - rom_size);
        if (got <= 0) {
            break;
        }
        rom_size += got;
    }
}

// The first call comes from mp_init(), when the firmware's heap does not begin yet: there is no ROM
// then, and the mount in live_as_board() lies in the firmware's share, as on the chip.
static bool rom_is_there;

mp_obj_t mp_vfs_rom_ioctl(size_t count, const mp_obj_t *arguments) {
    (void)count;
    switch (mp_obj_get_int(arguments[0])) {
        case MP_VFS_ROM_IOCTL_GET_NUMBER_OF_SEGMENTS:
            return MP_OBJ_NEW_SMALL_INT(rom_is_there && rom_size);
        case MP_VFS_ROM_IOCTL_GET_SEGMENT:
            if (rom_is_there && rom_size) {
                static mp_obj_array_t segment = { { &mp_type_memoryview }, 'B', 0, 0, rom };
                segment.len = rom_size;
                return MP_OBJ_FROM_PTR(&segment);
            }
            mp_raise_OSError(MP_EINVAL);
        default: // writing would need a new life to be seen
            return MP_OBJ_NEW_SMALL_INT(-MP_EINVAL);
    }
}

// What loading the stubs has left free between them is taken, hole by hole, so that the firmware's
// share lies in one piece, as on the chip. Each hole's first word is the address of the one before.
MP_REGISTER_ROOT_POINTER(void *chip_holes);

static size_t largest_piece(void) {
    gc_info_t info;
    gc_info(&info);
    return info.max_free * MICROPY_BYTES_PER_GC_BLOCK;
}

static void fill_holes(void) {
    gc_collect();
    void *share = gc_alloc(largest_piece(), 0);
    for (size_t size; (size = largest_piece());) {
        void **hole = gc_alloc(size, 0);
        *hole = MP_STATE_VM(chip_holes);
        MP_STATE_VM(chip_holes) = hole;
    }
    gc_free(share);
}

static void report_ready(void) {
    gc_info_t info;
    gc_info(&info);
    bus_value(OP_READY, 0, info.free, info.used);
}

static int boot_frozen(const char *name) {
    return pyexec_frozen_module(name, false);
}

// _boot.py sets the threshold to a quarter of a heap in which the stubs lie, too.
static void set_threshold(void) {
    MP_STATE_MEM(gc_alloc_threshold) = life(OP_LIFE_HEAP) / 4 / MICROPY_BYTES_PER_GC_BLOCK;
}

static int repl(const char *unused) {
    (void)unused;
    int result = 0;
    while (!result) {
        result = pyexec_mode_kind == PYEXEC_MODE_RAW_REPL ? pyexec_raw_repl() : pyexec_friendly_repl();
    }
    return result;
}

static NORETURN void live_as_board(const struct options *options) {
    bus_attach(number(options->arguments[0]));
    interrupts_attach(number(options->arguments[1]));
    uint32_t start = life(OP_LIFE_FLASH_START);
    esp_attach_image(life(OP_LIFE_FLASH_FD), start, life(OP_LIFE_FLASH_BLOCKS) * SECTOR);
    load_rom();
    clock_init(life(OP_LIFE_TICKS));
    start_python(options->heap_size);
    if (!run_code("import chip_start")) {
        system_exit(1);
    }
    mp_obj_dict_init(&MP_STATE_VM(dict_main), 1); // __main__ as mp_init() leaves it
    mp_obj_dict_store(MP_OBJ_FROM_PTR(&MP_STATE_VM(dict_main)), MP_OBJ_NEW_QSTR(MP_QSTR___name__),
        MP_OBJ_NEW_QSTR(MP_QSTR___main__));
    fill_holes();
    report_ready();
    if (life(OP_LIFE_MEASURE)) {
        system_exit(0);
    }
    rom_is_there = true;
    if (rom_size) {
        mp_vfs_mount_romfs_protected();
    }
    complete_path();
    memory_run_at_depth("_boot.py", boot_frozen, OP_REPORT_OF_START);
    set_threshold();
    // Since v1.22 main.py is skipped when boot.py raised.
    if (memory_run_at_depth("boot.py", pyexec_file_if_exists, OP_REPORT_OF_BOOT)
        && life(OP_LIFE_RUN_MAIN)) {
        memory_run_at_depth("main.py", pyexec_file_if_exists, OP_REPORT_OF_MAIN);
    }
    bus_value(OP_IDLE, 0, 0, 0);
    while (!life(OP_LIFE_REPL)) {
        mp_hal_delay_ms(3600000);
    }
    memory_run_at_depth("", repl, OP_REPORT_OF_REPL);
    system_exit(0);
}

void start_process(long *arguments) {
    struct options options = read_options(arguments[0], (char **)(arguments + 1));
    system_start();
    if (options.code && !strcmp(options.code, "import start") && options.count >= 2) {
        live_as_board(&options);
    }
    clock_init(0);
    start_python(options.heap_size);
    complete_path();
    system_exit(options.code && run_code(options.code) ? 0 : 1);
}


void nlr_jump_fail(void *value) {
    (void)value;
    static const char text[] = "NLR jump failed\n";
    system_write(1, text, sizeof text - 1);
    system_exit(1);
}

void __assert_func(const char *file, int line, const char *function, const char *expression) {
    (void)file, (void)line, (void)function, (void)expression;
    mp_raise_msg(&mp_type_AssertionError, MP_ERROR_TEXT("C-level assert"));
}
