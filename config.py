# Picopin's settings. This file is Python, but you need not know Python:
# change what stands to the right of each "=", keep quotes and commas as they are.
# A line that begins with "#" is a note and does nothing.
# After a change: `make deploy`, or restart the board. Mistakes are named at start.

# ---- Wi-Fi ----------------------------------------------------------------

# The networks to join, as ("name", "password"). Leave the list empty for none:
# then the board is reached through its own access point.
WIFI = [
    # ("my network", "my password"),
]

# The board's name in your network: http://picopin.local/ or http://picopin.lan/
HOSTNAME = "picopin"

# The board's own network: "always", "fallback" (only while none of WIFI
# answers) or "never".
AP = "always"

# Its name. None makes one up: "picopin-" and the end of the board's address.
AP_SSID = None

# Its password, 8 to 63 characters; "" makes it open to everybody around.
# CHANGE THIS: it is the same for all who downloaded Picopin.
AP_PASSWORD = "change-me-please"

# What happens when a phone joins that network, where there is no internet.
# "page": the phone opens the board's page by itself. "quiet": the phone is
# told that all is well, so it stays joined and shows nothing.
CAPTIVE = "page"

# ---- Who may --------------------------------------------------------------

# The password for the board's pages and pins. None: whoever reaches the board
# may use it.
PASSWORD = None

# Further names under which the board may be called, besides its address,
# HOSTNAME and HOSTNAME.local: ["relay.example.org"]
HOSTS = []

# True: a link such as http://picopin.local/?pin=2&state=on switches the pin.
# False: only PUT and POST do, which no web page elsewhere can do unseen.
CHANGE_BY_GET = True

# True: state=toggle works in a link too. Browsers open links on their own
# (preview, reload), and each time the pin would change: better leave it.
TOGGLE_BY_GET = False

HTTP_PORT = 80

# ---- Pins -----------------------------------------------------------------

# Which pins can be used, and how. A pin that is not listed is refused.
#   "pin"         its GPIO number, or its name on the board: "D4", "A0"
#   "mode"        "out" (on and off), "pwm" (dimming), "in", "analog" (A0)
#   "name"        your name for it (may be left out)
# and, where wanted:
#   "active_low"  True: on is 0 V (the on-board LED, many relay boards)
#   "boot"        at power-up: "off", "on", "last", or "leave" (untouched)
#   "max_on"      it goes off by itself after so many seconds
#   "group"       of all pins with the same group, only one can be on
#   "read_only"   True: it can be read, not switched
#   "pull"        "up": an input that reads on while nothing is connected
#   "debounce"    milliseconds in which an input's bouncing is ignored
#   "full_scale"  volts at A0 that read 1024 (NodeMCU, D1 mini: 3.3; bare chip: 1.0)
#
# Left out on purpose: D3 and D8, which decide at power-up whether the chip
# starts; D0, which is high until the firmware runs; RX and TX, the console.
PINS = [
    {"pin": "D4", "mode": "out", "name": "led", "active_low": True},
    {"pin": "D1", "mode": "out"},
    {"pin": "D2", "mode": "out"},
    {"pin": "D5", "mode": "out"},
    {"pin": "D6", "mode": "out"},
    {"pin": "D7", "mode": "out"},
    # The old article's LED. It is free only when the flash runs in DIO mode.
    {"pin": "SD3", "mode": "out", "boot": "leave"},
    {"pin": "A0", "mode": "analog"},
]
