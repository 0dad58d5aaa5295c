"""Power-on: what mp_reset() of ports/esp8266/main.c and its frozen _boot.py do, then boot.py and
main.py, unmodified, as __main__.
"""

import gc
import sys

import bus
import ops

bus.attach(int(sys.argv[1]))

import events

events.attach(int(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4]))

import stdio  # noqa: F401 - it takes the place of `sys` in what is imported from here on
import time  # each of these takes the place of MicroPython's own of that name

import esp
import flashdev
import machine
import network
import select
import socket

import __main__
import vfs

# MP_REGISTER_EXTENSIBLE_MODULE: these answer to their names with a u, too; network and esp do not
_EXTENSIBLE = ("machine", "socket", "select", "time")
_HIDDEN = (
    "bus",
    "clocks",
    "events",
    "flashdev",
    "pads",
    "start",
    "stdio",
)  # the chip has no modules of these names


def _life(field):
    return bus.call(ops.LIFE, field)


def _mount_rom():
    """On the chip a ROMFS lies in flash and costs no heap; the host adds its size to ours."""
    fd = _life(ops.LIFE_ROM_FD)
    if fd >= 0:
        image = bytearray(_life(ops.LIFE_ROM_SIZE))
        with open(fd, "rb", buffering=0) as file:
            file.readinto(image)
        vfs.mount(vfs.VfsRom(image), "/rom")


def _mount_flash():
    """Answers the device where it holds no file system that can be mounted."""
    flash = flashdev.FlashBdev(
        _life(ops.LIFE_FLASH_FD), _life(ops.LIFE_FLASH_START), _life(ops.LIFE_FLASH_BLOCKS)
    )
    vfs.umount("/")
    try:
        vfs.mount(flash, "/")
    except OSError:
        return flash


def _largest():
    """Bytes of the largest piece of free heap, right to a block or two."""
    least, most = 0, gc.mem_free()
    while most - least > 32:
        middle = (least + most) // 2
        try:
            bytearray(middle)
            least = middle
        except MemoryError:
            most = middle
    return least


def _fill_holes():
    """Loading the fakes leaves its garbage's places between them; on the chip they lie in flash.

    Each is taken, a block at a time while the rest is held, so that what the firmware gets lies
    in one piece, as in a bare interpreter.
    """
    rest = bytearray(_largest())
    holes = None
    try:
        while rest:
            holes = (holes,)
    except MemoryError:
        return holes


def _tidy_modules():
    for name in _EXTENSIBLE:
        sys.modules["u" + name] = sys.modules[name]
    for name in _HIDDEN:
        sys.modules.pop(name, None)
    sys.path[:] = ("", ".frozen", "/rom", "/rom/lib", "/lib", "/")
    del sys.argv[:]
    __main__.__dict__.pop("start", None)


def _run(name):
    """Run a file as pyexec_file_if_exists() does: True unless it ended with an exception."""
    import os

    try:
        os.stat(name)
    except OSError:
        return True
    try:
        execfile(name, __main__.__dict__)
    except SystemExit:
        pass
    except BaseException as error:
        sys.print_exception(error)
        return False
    return True


def _set_up(flash):
    """modules/inisetup.py: a blank flash is formatted, any other is left and complained about."""
    first = bytearray(flash.SEC_SIZE)
    flash.readblocks(0, first)
    while first != b"\xff" * len(first):
        print(
            "The filesystem starting at sector %d with size %d sectors looks corrupt."
            % (flash.start_sec, flash.blocks)
        )
        time.sleep(3)
    print("Performing initial setup")
    ap = network.WLAN(network.AP_IF)
    name = "MicroPython-" + ap.config("mac").hex()[-6:]
    ap.config(ssid=name, security=network.AUTH_WPA_WPA2_PSK, key="micropythoN")
    vfs.VfsLfs2.mkfs(flash)
    vfs.mount(flash, "/")
    with open("boot.py", "w") as file:
        file.write("# This file is executed on every boot\nimport gc\ngc.collect()\n")


def _start():
    unreadable = _mount_flash()
    _mount_rom()
    _tidy_modules()
    gc.collect()
    bus.holes = _fill_holes()  # kept as long as the fakes are
    gc.threshold(_life(ops.LIFE_HEAP) // 4)  # modules/_boot.py: a quarter of the heap
    gc.collect()
    bus.call(ops.READY, 0, gc.mem_free(), gc.mem_alloc())
    if _life(ops.LIFE_MEASURE):
        return
    if unreadable:
        _set_up(unreadable)
    # since v1.22 main.py is skipped when boot.py raised (ports/esp8266/main.c, mp_reset)
    if _run("boot.py") and _life(ops.LIFE_RUN_MAIN):
        _run("main.py")
    bus.call(ops.IDLE)
    while not _life(ops.LIFE_REPL):
        time.sleep_ms(3600000)


_start()
