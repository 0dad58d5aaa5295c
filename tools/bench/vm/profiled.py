# Runs one request of the firmware again and again, and marks where each of its functions begins
# and ends: under callgrind each mark (a call of time.ticks_cpu) dumps what was counted since the
# last. Prints a line for each mark: "+name", "-name", or what a phase is.
import asyncio
import gc
import os
import sys
from time import ticks_cpu

request = os.getenv("REQUEST").encode()
_ROUNDS = 4  # the first one makes what stays
_marks = [""] * 4000
_at = 0
_wrapped = {}


def _mark(word):
    global _at
    ticks_cpu()
    _marks[_at] = word
    _at += 1


def _wrap(name, function):
    begin, end = "+" + name, "-" + name

    def call(*args, **kwargs):
        _mark(begin)
        try:
            return function(*args, **kwargs)
        finally:
            _mark(end)

    async def run(*args, **kwargs):
        _mark(begin)
        try:
            return await function(*args, **kwargs)
        finally:
            _mark(end)

    return run if "generator" in str(type(function)) else call


def _replace(owner, prefix):
    for name in list(owner.__dict__):
        value = owner.__dict__[name]
        kind = str(type(value))
        if "function" in kind or "generator'" in kind:
            if id(value) not in _wrapped:
                _wrapped[id(value)] = _wrap(prefix + name, value)
            setattr(owner, name, _wrapped[id(value)])
        elif isinstance(value, type) and value not in _wrapped:
            _wrapped[value] = True
            _replace(value, prefix + name + ".")


def wrap_modules():
    for name in list(sys.modules):
        if name.startswith("picopin."):
            _replace(sys.modules[name], name[8:] + ".")


class Wire:
    # A socket whose request is already there and that takes any answer at once.
    def __init__(self, request):
        self._request = request

    def readinto(self, view):
        request = self._request
        self._request = b""
        view[: len(request)] = request
        return len(request) or None

    def write(self, data):
        return len(data)

    def close(self):
        pass


def exchange(app):
    # One request from its first byte to the close, as asyncio runs it.
    Request.server = app
    req = Request(Wire(request), "192.168.4.2")
    app.open.append(req)
    try:
        req.send(None)
    except StopIteration:
        pass


def nothing():
    pass


async def serve(app, number):
    wrapped = _wrap("nothing", nothing)
    for _ in range(number):
        _mark("+request")
        exchange(app)
        _mark("-request")
    # What the marks themselves cost: none, a plain call and a wrapped one between two of them.
    _mark("+marks")
    _mark("-marks")
    _mark("+call")
    nothing()
    _mark("-call")
    _mark("+wrapped")
    wrapped()
    _mark("-wrapped")


def profile(app, **options):
    gc.disable()
    asyncio.run(serve(app, _ROUNDS))
    for mark in _marks[:_at]:
        print(mark)


# Print the bytes of garbage that a request leaves; the second one, as the first makes what stays.
def garbage(app, **options):
    async def once():
        gc.collect()
        before = gc.mem_alloc()
        exchange(app)
        return gc.mem_alloc() - before

    asyncio.run(once())
    print(asyncio.run(once()))


# Make main.py's app.run() profile instead of serving.
def prepare(mode):
    global Request

    import picopin.api
    import picoweb
    from picopin.request import Request

    picoweb.WebApp.run = profile if mode == "profile" else garbage
    if mode == "profile":
        wrap_modules()
