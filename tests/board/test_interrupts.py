"""Timers and pin interrupts: scheduled callbacks, in a busy loop, asleep and in asyncio."""

import re

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
