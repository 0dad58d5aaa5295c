"""picopin.cold.utf8: what is text, and JSON's characters beyond U+FFFF."""

from harness import equal, run

from picopin import cold

utf8 = cold("utf8")


def raises(function, value):
    """Return True where function(value) raises ValueError."""
    try:
        function(value)
    except ValueError:
        return True
    return False


def test_what_is_text():
    for text in ("", "plain", "f\u00fcr", "\u20ac", "\ud7ff\ue000", "\U0001f600", "\U0010ffff"):
        equal(utf8.decode(text.encode()), text)


def test_what_is_none():
    """RFC 3629: no overlong form, no surrogate, nothing over U+10FFFF, no piece of a character."""
    for data in (
        b"\xc0\xb2",
        b"\xc1\xbf",
        b"\xe0\x9f\xbf",
        b"\xf0\x8f\xbf\xbf",
        b"\xed\xa0\x80",
        b"\xed\xbf\xbf",
        b"\xf4\x90\x80\x80",
        b"\xff",
        b"a\x80",
        b"\xe2\x82",
    ):
        equal(raises(utf8.decode, data), True, data)


def test_pairs_are_joined():
    half = bytes((0xED, 0xA0, 0xBD)).decode(), bytes((0xED, 0xB8, 0x80)).decode()
    equal(utf8.join("a" + half[0] + half[1] + "b"), "a\U0001f600b")
    equal(utf8.join("plain f\u00fcr"), "plain f\u00fcr")
    for text in (half[0], half[1], half[0] + "a", half[1] + half[0], half[0] + half[0]):
        equal(raises(utf8.join, text), True, text.encode())


run(globals())
