"""UTF-8 as RFC 3629 has it.

MicroPython's own decode() lets overlong forms and halves of surrogate pairs
pass, and its json makes two such halves of "\\ud83d\\ude00"; answers that
repeat them would be no UTF-8 either.
"""


def decode(data):
    """Return `data` (bytes) as str.  Raises ValueError where it is not UTF-8."""
    text = data.decode()
    if data and max(data) > 127:
        length = 0
        for char in text:
            code = ord(char)
            if 0xD800 <= code < 0xE000 or code > 0x10FFFF:
                raise ValueError
            length += 1 + (code > 0x7F) + (code > 0x7FF) + (code > 0xFFFF)
        if length != len(data):  # one of them was longer than it need be
            raise ValueError
    return text


def join(text):
    """Return `text` with surrogate pairs joined (RFC 8259, 7).  Raises ValueError for a half."""
    joined = []
    high = 0
    for char in text:
        code = ord(char)
        if 0xD800 <= code < 0xDC00 and not high:
            high = code
            continue
        low = 0xDC00 <= code < 0xE000
        if low != bool(high):
            raise ValueError
        if low:
            char = chr(0x10000 + (high - 0xD800 << 10) + code - 0xDC00)
            high = 0
        joined.append(char)
    if high:
        raise ValueError
    return "".join(joined)
