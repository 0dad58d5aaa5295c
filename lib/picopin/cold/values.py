"""The whole numbers in a request: `duty`, `freq`."""

from picopin import Refusal


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
