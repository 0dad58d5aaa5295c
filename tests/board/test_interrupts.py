"""Timers and pin interrupts: scheduled callbacks, in a busy loop, asleep and in asyncio."""

import re
import time

from tools.board.process import BoardProcess

_COUNT = """
import asyncio, gc, time
from machine import Pin, Timer
n = 0
def tick(timer):
    global n
    n += 1
    return [n] * 3
"""


def run(program: str) -> list[str]:
    with BoardProcess(files={"main.py": (_COUNT + program).encode()}) as board:
        return board.finish()


def test_thousand_callbacks_while_the_heap_churns() -> None:
    """The thread that waits for interrupts must never disturb a collection."""
    lines = run("""
timers = [Timer(-1) for _ in range(4)]
for period, timer in zip((2, 3, 5, 7), timers):
    timer.init(period=period, callback=tick)
keep = []
size = 0
while n < 1000:
    size = (size + 7) % 200
    keep.append(bytearray(size))
    keep.append({i: str(i) for i in range(size % 20)})
    if len(keep) > 20:
        keep = [keep[3]]
for timer in timers:
    timer.deinit()
print(n >= 1000)
""")
    assert lines == ["True"]


def test_timers_fire_wherever_the_program_is() -> None:
    """Ten alarms of 10 ms each; how late they may be depends on the PC, so no upper bound."""
    lines = run("""
Timer(-1).init(period=10, callback=tick)
while n < 10: pass
print("busy")
n = 0
while n < 10: time.sleep_ms(1000)
print("asleep")
n = 0
async def nap():
    while n < 10: await asyncio.sleep_ms(1000)
start = time.ticks_ms()
time.sleep_ms(50)
print("slept", time.ticks_diff(time.ticks_ms(), start) >= 50)
asyncio.run(nap())
print("asyncio")
""")
    assert lines == ["busy", "asleep", "slept True", "asyncio"]


def test_one_shot_frequency_and_deinit() -> None:
    lines = run("""
once = Timer(-1)
once.init(mode=Timer.ONE_SHOT, period=5, callback=tick)
while not n: pass
time.sleep_ms(30)
print(n)
fast = Timer(-1)
fast.init(freq=100, callback=tick)
while n < 10: pass
fast.deinit()
seen = n
time.sleep_ms(50)
print(n - seen <= 1)
""")
    assert lines == ["1", "True"]


def test_a_callback_that_raises_is_printed_and_the_timer_goes_on() -> None:
    lines = run("""
def fail(timer):
    global n
    n += 1
    raise ValueError(n)
timer = Timer(-1)
timer.init(period=5, callback=fail)
while n < 2: pass
timer.deinit()
""")
    assert [line for line in lines if line.startswith("ValueError")] == [
        "ValueError: 1",
        "ValueError: 2",
    ]


def test_hard_timers_may_not_allocate() -> None:
    lines = run("""
timer = Timer(-1)
timer.init(mode=Timer.ONE_SHOT, period=5, callback=tick, hard=True)
while not n: pass
""")
    assert lines[-1].startswith("MemoryError")


def test_a_callback_may_use_the_bus_in_the_middle_of_the_programs_use() -> None:
    lines = run("""
led = Pin(2, Pin.OUT, value=0)
other = Pin(4, Pin.OUT, value=1)
wrong = 0
def blink(timer):
    global n
    n += 1
    other.toggle()
timer = Timer(-1)
timer.init(period=1, callback=blink)
for i in range(20000):
    led.value(i & 1)
    wrong += led.value() != i & 1
timer.deinit()
print(wrong, n > 100)
""")
    assert lines == ["0 True"]


_SCAN = """
import network
sta = network.WLAN(0)
sta.active(True)
hard = 0
seen = 0
def beat(timer):
    global hard, seen
    hard += 1
    seen = n
"""


def test_a_scan_runs_hard_timers_and_no_soft_one() -> None:
    """network_wlan.c, esp_scan(): ets_loop_iter() alone; modmachine.c, esp_timer_cb()."""
    lines = run(
        _SCAN
        + """
Timer(-1).init(period=5, callback=tick)
while not n: pass
Timer(-1).init(period=5, callback=beat, hard=True)
while not hard: pass
hard = 0
before = n
sta.scan()
print(hard > 20, seen - before <= 1)
after = n
while n < after + 3: pass
print("soft again")
"""
    )
    assert lines == ["True True", "soft again"]


def test_of_what_comes_due_in_a_scan_four_wait_and_the_rest_is_lost() -> None:
    """py/mpconfig.h, MICROPY_SCHEDULER_DEPTH."""
    lines = run(
        _SCAN
        + """
timers = [Timer(-1) for _ in range(6)]
for timer in timers:
    timer.init(mode=Timer.ONE_SHOT, period=100, callback=tick)
sta.scan()
while n < 4: pass
timers[5].init(mode=Timer.ONE_SHOT, period=50, callback=beat)
while not hard: pass
print(n)
"""
    )
    assert lines == ["4"]


def test_a_scan_that_never_ends_is_ended_by_a_hard_timer() -> None:
    """esp_scan() does not look at what wifi_station_scan() answers."""
    program = (
        _COUNT
        + _SCAN
        + """
import machine, time
def give_up(timer):
    if hard > 20:
        machine.reset()
    beat(timer)
if machine.reset_cause() == 0:
    print("scans")
    Timer(-1).init(period=5, callback=tick)
    Timer(-1).init(period=5, callback=give_up, hard=True)
    while True:
        n = 0
        sta.scan()
"""
    )
    with BoardProcess(files={"main.py": program.encode()}) as board:
        board.control(wifi="scan refused")
        assert board.wait_entry(event="boot", life=2)["cause"] == "software"


def test_control_c_ends_a_scan_that_never_ends() -> None:
    program = (
        _COUNT
        + _SCAN
        + """
try:
    while True:
        sta.scan()
        print("again")
except KeyboardInterrupt:
    print("ended")
"""
    )
    with BoardProcess(files={"main.py": program.encode()}) as board:
        board.control(delays={"scan": 0.05})
        board.wait_line("again")
        board.control(wifi="scan refused")
        scans = -1
        while scans != (scans := board.control(wifi=None)["wifi"]["scans"]):
            time.sleep(0.3)  # until it stands still
        board.control(interrupt=None)
        board.wait_line("ended")
        assert board.control(wifi="restored")["wifi"]["scans"] == scans


def test_edges_at_a_pin() -> None:
    program = (
        _COUNT
        + """
def edge(pin):
    print("edge", pin, pin.value())
button = Pin(5, Pin.IN, Pin.PULL_UP)
irq = button.irq(edge, Pin.IRQ_FALLING)
print("armed", irq.trigger())
while True: time.sleep(10)
"""
    )
    with BoardProcess(files={"main.py": program.encode()}) as board:
        board.wait_line("armed 2")
        for level in (0, 1, None, 0):
            board.control(set_pin={"pin": 5, "level": level})
            edges = board.entries(pin=5, level=0)
            board.wait_line("^edge", len(edges))
        assert [line for line in board.lines if re.match("edge", line)] == ["edge Pin(5) 0"] * 2


def test_finalisers_write_files_with_the_heap_locked() -> None:
    lines = run("""
Timer(-1).init(period=3, callback=tick)
def leave_open(i):
    file = open("f%d" % (i % 5), "w")
    file.write("x" * 300)
i = 0
while i < 60 or n < 3:  # however fast this machine is, the timer has fired meanwhile
    leave_open(i)
    i += 1
gc.collect()
import os
print(sorted(set(os.stat("f%d" % i)[6] for i in range(5))))
""")
    assert lines == ["[300]"]
