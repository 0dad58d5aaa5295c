# Starts one server of the bench: python -m tools.bench runs
#   micropython -X heapsize=N -c "import launch" FOLDER ROM PORT PROGRAM SHARE NAMES MODE
# FOLDER, also the working directory, becomes "/"; ROM is a ROMFS image or "-"; SHARE is the heap in
# bytes that the server is to have; NAMES are made beside those of the stand-ins. MODE is "serve",
# "count" (the writes of each answer are printed, and the names), "measure" (print the names and the
# free heap, and end), or for the firmware "profile" and "garbage", of the request in $REQUEST.
import gc
import sys

import esp
import machine
import micropython
import network
import sockets
import vfs

folder, rom, port, program, share, names, mode = sys.argv[1:]


# On the chip a ROMFS lies in flash and costs no heap; the bench adds its size to ours.
def mount_rom():
    import os

    image = bytearray(os.stat(rom)[6])
    with open(rom, "rb") as file:
        file.readinto(image)
    vfs.mount(vfs.VfsRom(image), "/rom")


class Folder:
    # VfsPosix(folder), but for rename(): that one joins its folder with both names in the same
    # buffer, so they come out the same (extmod/vfs_posix.c, vfs_posix_get_path_str).
    def __init__(self):
        inner = vfs.VfsPosix(folder)
        for name in ("mount", "umount", "open", "stat", "ilistdir", "remove", "mkdir", "chdir"):
            setattr(self, name, getattr(inner, name))
        self._outside = vfs.VfsPosix()

    def rename(self, old, new):
        self._outside.rename(folder + old, folder + new)


sys.modules["umachine"] = machine  # as the chip's answers to both names
sockets.install(mode == "count")
if mode in ("profile", "garbage"):
    import profiled
if rom != "-":
    mount_rom()
vfs.umount("/")
vfs.mount(Folder(), "/")
sys.path[:] = ("", ".frozen", "/rom", "/rom/lib", "/lib", "/")
PORT = int(port)
del sys.argv[:]
for number in range(int(names)):
    hasattr(gc, "name %d" % number)
gc.threshold(int(share) // 4)  # ports/esp8266/modules/_boot.py: a quarter of the heap
gc.collect()
if mode == "measure":
    micropython.qstr_info()
    print(gc.mem_free())
elif program == "main.py":
    execfile("/boot.py", globals())
    if mode != "serve" and mode != "count":
        profiled.prepare(mode)
    execfile("/main.py", globals())
else:
    __import__(program).run(PORT)
