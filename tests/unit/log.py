"""cold.journal.Ring: the last lines, oldest first, and all of them on the console."""

import io

from harness import equal, run

from picopin import cold

journal = cold("journal")


def ring(size, *written):
    """(text of the ring, what reached the console) after these writes."""
    console = io.BytesIO()
    kept = bytearray(2 + size)
    made = journal.Ring(kept, console)
    for data in written:
        made.write(data)
    return journal.text(kept), console.getvalue()


def lines(text):
    """The lines without the seconds before each."""
    for line in text.split("\n")[:-1]:
        assert line.split(" ", 1)[0].isdigit(), line
    return [line.split(" ", 1)[1] for line in text.split("\n")[:-1]]


def test_lines_are_kept_with_their_second():
    text, console = ring(100, "one\n", "two\n")
    equal(lines(text), ["one", "two"])
    equal(console, text.encode())


def test_a_line_in_pieces_has_one_second():
    text, _ = ring(100, "on", "e", "\n", "two\n")
    equal(lines(text), ["one", "two"])


def test_write_takes_text_and_buffers_and_tells_how_much():
    kept = bytearray(66)
    made = journal.Ring(kept, io.BytesIO())
    equal(made.write("\u00fcber\n"), 6)
    equal(made.write(b"abc\n"), 4)
    equal(made.write(memoryview(b"de\n")), 3)
    equal(lines(journal.text(kept)), ["\u00fcber", "abc", "de"])


def test_the_oldest_go_first_and_whole():
    written = ["line %d\n" % number for number in range(50)]
    text, console = ring(100, *written)
    kept = lines(text)
    assert 3 < len(kept) < 50
    equal(kept, ["line %d" % number for number in range(50 - len(kept), 50)])
    equal(len(lines(console.decode())), 50)


def test_whatever_the_size_it_is_text_of_whole_lines():
    for size in range(24, 60):
        written = ["\u20ac%d\u00fc\n" % number for number in range(40)]
        text, _ = ring(size, *written)
        kept = lines(text)
        equal(kept, [each[:-1] for each in written[len(written) - len(kept) :]], size)


def test_a_line_longer_than_the_ring_does_not_break_it():
    for size in range(24, 32):
        text, _ = ring(size, "\u20ac" * 40)
        assert len(text.encode()) <= size
        text, _ = ring(size, "\u20ac" * 40 + "\n", "after\n")
        equal(lines(text)[-1], "after")


def test_empty():
    equal(ring(10)[0], "")
    equal(ring(10, "")[0].strip("0123456789 "), "")


run(globals())
