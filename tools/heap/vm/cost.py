# In place of boot.py: loads the modules one by one, then starts as ever; prints after each step
# "heap STEP BYTES", and MicroPython's own line on its names.
import gc

import micropython
import modules_listed
from machine import Timer


def _print(step):
    gc.collect()
    print("heap", step, gc.mem_alloc())
    micropython.qstr_info()


_print("begin")
for _name in modules_listed.NAMES:
    __import__(_name)
    _print(_name)
execfile("/first.py", globals())
_print("boot.py")
_timer = Timer(15)
_timer.init(mode=Timer.ONE_SHOT, period=2000, callback=lambda _: _print("main.py"))
_print("timer")
