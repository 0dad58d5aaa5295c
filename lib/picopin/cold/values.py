"""The numbers in a request: `for`, `duty`, `freq`."""

from picopin import Refusal


def milliseconds(asked):
    """Return `for` (seconds, bytes like b"0.5" or a number) in milliseconds, None without one."""
    if "for" not in asked:
        return None
    text = asked["for"]
    ms = 0
    if isinstance(text, bytes):
        parts = text.split(b".")
        if len(parts) <= 2 and len(parts[0]) <= 6 and all(part.isdigit() for part in parts):
            ms = int(parts[0]) * 1000 + int((parts[-1] + b"000")[:3]) * (len(parts) - 1)
    elif isinstance(text, (int, float)) and not isinstance(text, bool) and 0 < text < 1000000:
        ms = int(text * 1000 + 0.5)
    if ms < 10:
        raise Refusal("bad_for", "for")
    return ms


def number(asked, name, low, high):
    """Return the whole number called `name`, or None where there is none."""
    if name not in asked:
        return None
    value = asked[name]
    if isinstance(value, bytes) and value.isdigit() and len(value) <= 4:
        value = int(value)
    elif isinstance(value, float) and low <= value <= high and value == int(value):
        value = int(value)  # JSON's 512.0 is a whole number: RFC 8259, section 6
    if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
        raise Refusal("bad_number", name, None, (name, low, high))
    return value
