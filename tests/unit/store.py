"""picopin.cold.store: files that are whole or not there."""

import os

from harness import equal, run

from picopin import cold

store = cold("store")
NAME = "unit-test.saved"


def content(path):
    with open(path, "rb") as f:
        return f.read()


def put(path, data):
    with open(path, "wb") as f:
        f.write(data)


def clean():
    for path in (NAME, NAME + ".new"):
        try:
            os.remove(path)
        except OSError:
            pass


def test_what_is_saved_is_loaded():
    for data in (b"", b"x", b"\0\xff\n", bytes(range(256)) * 4):
        store.save(NAME, data)
        equal(store.load(NAME), data)
    clean()


def test_the_last_one_counts():
    store.save(NAME, b"old and long")
    store.save(NAME, b"new")
    equal(store.load(NAME), b"new")
    equal([name for name in os.listdir() if name.startswith(NAME)], [NAME])
    clean()


def test_none_where_there_is_none():
    clean()
    equal(store.load(NAME), None)
    equal(store.load("no/such/folder"), None)


def test_none_where_it_was_cut():
    store.save(NAME, b"the state of the pins")
    whole = content(NAME)
    for length in range(len(whole)):
        put(NAME, whole[:length])
        equal(store.load(NAME), None, length)
    clean()


def test_none_where_a_bit_fell_over():
    store.save(NAME, b"+4 -5")
    whole = content(NAME)
    for at in range(len(whole)):
        put(NAME, whole[:at] + bytes([whole[at] ^ 4]) + whole[at + 1 :])
        equal(store.load(NAME), None, at)
    put(NAME, whole + b"x")
    equal(store.load(NAME), None)
    clean()


def test_a_save_that_was_cut_leaves_the_old_one():
    store.save(NAME, b"old")
    put(NAME + ".new", b"half of the n")
    equal(store.load(NAME), b"old")
    store.save(NAME, b"new")
    equal(store.load(NAME), b"new")
    clean()


run(globals())
