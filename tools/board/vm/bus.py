"""The interpreter's end of the bus: one request, one answer, no allocation on the way.

Scheduled callbacks (timers, pin interrupts) use the bus too, and MicroPython runs them at any
jump: from the request to the copy of its answer there is therefore none, not even an `if`.
"""

from array import array

_request = array("i", (0, 0, 0))  # operation | unit << 8 | payload length << 16, a, b
_answer = array("i", (0, 0))  # status | payload length << 16, value
_text = bytearray(128)  # of an error
_errors = (None, OSError, ValueError, OSError, TypeError)
_write = None
_readinto = None
_read = None


def attach(fd):
    global _write, _readinto, _read
    line = open(fd, "r+b", buffering=0)
    _write = line.write
    _readinto = line.readinto
    _read = line.read


def call(op, unit=0, a=0, b=0, payload=b""):
    """Ask the hardware; answers its value. a, b and the value have 32 bits with sign."""
    _exchange(op | unit << 8 | len(payload) << 16, a, b, payload)
    _readinto(_text, _answer[0] >> 16)
    status = _answer[0]
    value = _answer[1]
    if status & 255:
        _refuse(status, value, _text)
    return value


def fetch(op, unit=0, a=0, b=0, payload=b""):
    """Ask the hardware; answers the payload that comes back."""
    _exchange(op | unit << 8 | len(payload) << 16, a, b, payload)
    answer = _read(_answer[0] >> 16)
    status = _answer[0]
    value = _answer[1]
    if status & 255:
        _refuse(status, value, answer)
    return answer


def _exchange(head, a, b, payload):
    _request[0] = head
    _request[1] = a
    _request[2] = b
    try:
        _write(_request)
        _write(payload)
        return _readinto(_answer)
    except KeyboardInterrupt:
        _finish()
        raise


def _finish():
    """Fetch the answer that Ctrl-C broke into, or else the next request would read it."""
    try:
        _readinto(_answer)
        _read(_answer[0] >> 16)
    except KeyboardInterrupt:
        _finish()


def _refuse(status, value, text):
    error = _errors[status & 255]
    size = status >> 16
    if size:
        raise error(str(text[:size], "utf-8"))
    if error is OSError:
        raise error(value)
    raise error()
