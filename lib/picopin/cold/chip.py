"""What the pins of the chip are called and are for.

Sources: ESP8266EX datasheet, section 2; MicroPython's ports/esp8266/machine_pin.c;
the NodeMCU's and D1 mini's prints.
"""

from micropython import const

ANALOG = const(17)  # the number under which A0 goes here; the chip has no GPIO17

# As printed on a NodeMCU or D1 mini, four letters for each GPIO from 0 on.
_PRINTED = "D3  TX  D4  RX  D2  D1              SD2 SD3     D6  D7  D5  D8  D0  A0  "


def refused(number):
    """Return why no configuration can free GPIO `number`, or None where one can."""
    if number in (6, 7, 8, 11):
        return "it is wired to the flash chip that holds the program"
    if number in (1, 3):
        return "it is the serial console"
    return None


def exists(number):
    """Return True for the GPIO numbers that the chip has: 0 to 16."""
    return 0 <= number <= 16


def board_name(number):
    """Return the name printed on the board ("D4"), or None."""
    return _PRINTED[4 * number : 4 * number + 4].rstrip() or None


def printed(name):
    """Return the number of what the board calls `name`, or None: "D4" is 2."""
    at = _PRINTED.find(name.upper() + " ")
    return at // 4 if at >= 0 and at % 4 == 0 and name and name.find(" ") < 0 else None


def is_word(text):
    """Return True for what a pin or group may be called: a letter, then letters, digits, _ -."""
    if not 1 <= len(text) <= 16 or not ("a" <= text[0].lower() <= "z"):
        return False
    for c in text:
        if not ("a" <= c.lower() <= "z" or "0" <= c <= "9" or c in "_-"):
            return False
    return True
