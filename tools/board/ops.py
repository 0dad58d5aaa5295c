"""Numbers of the requests that the fakes inside MicroPython send over the bus.

The host imports this file; vmbuild.py writes the numbers in place of `ops.NAME` when it
compiles the fakes, so that the names cost the device's heap nothing.
Arguments are (unit, a, b, payload); what a request answers stands behind the arrow.
"""

# life of the chip
LIFE = 1  # unit: a LIFE_ field -> its value
READY = 2  # a: heap free as boot.py starts, b: heap in use by the fakes
RESET = 3  # a: a RESET_ kind; never answered, the interpreter ends
IDLE = 4  # main.py and boot.py are over
REPORT = 5  # unit: a REPORT_OF_, payload: text of tools/chip/port/memory.c

# fields of LIFE
LIFE_FLASH_FD = 0  # descriptor of the flash image
LIFE_FLASH_START = 1  # byte offset of the file system in the chip's flash
LIFE_FLASH_BLOCKS = 2  # blocks of 4096 in the file system
LIFE_ROM_FD = 3  # descriptor of the ROMFS image, -1: none
LIFE_ROM_SIZE = 4  # bytes
LIFE_HEAP = 5  # bytes of heap that the firmware is to have, as a bare interpreter counts them
LIFE_RUN_MAIN = 6  # 1: main.py follows boot.py; 0: not (Ctrl-D in the raw REPL)
LIFE_REPL = 7  # 1: a REPL follows main.py; 0: the board sleeps
LIFE_MEASURE = 8  # 1: report READY and end
LIFE_TICKS = 9  # ms: what time.ticks_ms() says as the life begins; the chip's own processor asks

# what a REPORT is of; only the chip's own processor sends any
REPORT_OF_NOW = 0  # asked for: all since the last that forgot
REPORT_OF_START = 1  # the port's own _boot.py
REPORT_OF_BOOT = 2  # boot.py, from its first line to its end
REPORT_OF_MAIN = 3  # main.py, when it has ended
REPORT_OF_REPL = 4
REPORT_OF_RESET = 5  # what machine.reset() is called in, all since the last that forgot

# kinds of RESET
RESET_SOFTWARE = 0  # machine.reset()
RESET_DEEPSLEEP = 1  # b: milliseconds, 0: for ever

# machine.Pin, unit: GPIO number
PIN_INIT = 16  # a: mode, b: pull | (value + 1) << 8
PIN_SET = 17  # a: level
PIN_GET = 18  # -> level at the pad
PIN_TOGGLE = 19
PIN_IRQ = 20  # a: trigger mask, 0: off
PIN_IRQ_TRIGGER = 22  # a: new trigger mask or -1 -> the old one

# machine.PWM, unit: GPIO number
PWM_INIT = 24  # a: freq or -1, b: duty or -1
PWM_DEINIT = 25
PWM_FREQ = 26  # a: freq to set or -1 -> freq
PWM_DUTY = 27  # a: duty to set or -1 -> duty

ADC_READ = 28  # unit: 0 A0, 1 supply -> raw
CHIP_FREQ = 29  # a: MHz to set or 0 -> MHz
RESET_CAUSE = 30  # -> machine.reset_cause()
UNIQUE_ID = 31  # -> payload of 4 bytes

# clocks
RTC_READ = 32  # -> payload
RTC_WRITE = 33  # payload
RTC_TIME = 34  # a: seconds since 2000 to set or -1 -> seconds since 2000
RTC_MILLIS = 35  # -> milliseconds within that second
TIMER_START = 36  # unit: timer, a: microseconds, b: 1 periodic | 2: a is milliseconds | 4: hard
TIMER_STOP = 37  # unit: timer
WDT_START = 38
WDT_FEED = 39

# flash
FLASH_WRITE = 40  # a: byte offset in the chip's flash, payload
FLASH_ERASE = 41  # a: sector
FLASH_READ = 42  # a: byte offset, b: length -> payload
FLASH_SIZE = 43  # -> bytes
FLASH_USER_START = 44  # -> bytes
FLASH_ID = 45  # -> JEDEC number

# network, unit: 0 station, 1 access point
WIFI_ACTIVE = 48  # a: 0, 1 or -1 to read -> active
WIFI_CONNECT = 49  # a: length of ssid or -1, b: length of key or -1, payload: both, then bssid
WIFI_DISCONNECT = 50
WIFI_STATUS = 51  # -> status code
WIFI_RSSI = 52  # -> dBm
WIFI_STATIONS = 53  # -> payload: text, MAC in hex and address of each
WIFI_SCAN = 54  # blocks as the chip does -> -1: it is over, else the hard Timer that is due
WIFI_ISCONNECTED = 55
WIFI_GET_INT = 56  # a: a CONFIG_ field -> value
WIFI_GET_BYTES = 57  # a: a CONFIG_ field -> payload
WIFI_SET_INT = 58  # a: field, b: value; kept until WIFI_COMMIT
WIFI_SET_BYTES = 59  # a: field, payload; kept until WIFI_COMMIT
WIFI_COMMIT = 60  # take what was set; OSError where the chip refuses it
WIFI_IFCONFIG = 61  # payload of 16 bytes to set, none to read -> payload: four addresses as text
WIFI_HOSTNAME = 62  # payload to set, a: 1 to set -> payload
WIFI_DHCP = 63  # a: 0, 1 or -1 to read -> DHCP runs
WIFI_FOUND = 64  # the scan's next network -> payload: see vm/network.py; none: that was all

# fields of WLAN.config()
CONFIG_MAC = 0
CONFIG_SSID = 1
CONFIG_HIDDEN = 2
CONFIG_AUTHMODE = 3
CONFIG_KEY = 4
CONFIG_CHANNEL = 5
CONFIG_PROTOCOL = 6
CONFIG_TXPOWER = 7
CONFIG_PM = 8

# sockets (lwip.py and vm/socket.py)
TCP_BIND = 80  # unit: 1 SO_REUSEADDR, a: address, b: port
TCP_LISTEN = 81  # unit: number of the AF_UNIX listener, a: port, b: backlog
TCP_UNLISTEN = 82  # a: port
TCP_CONNECT = 83  # a: address, b: port
TCP_RESET_SEEN = 84  # a: the client's port -> 1 where a reset ended the connection
TCP_CLOSED = 85  # a: the client's port
TCP_ACCEPTED = 86  # a: the client's port
TCP_WRITE = 87  # a: the client's port -> ms for which lwIP has no memory; negative: and fails then
UDP_BIND = 88  # unit: socket, a: address, b: port
UDP_SEND = 89  # unit: socket, a: address, b: port, payload -> bytes taken
UDP_RECEIVE = 90  # unit: socket, a: most bytes -> payload: address, port, data
UDP_CLOSE = 91  # unit: socket

# serial line and console (serial.py)
SERIAL = 112  # payload: bytes that leave as they are, without a CR before LF

# kinds of events, host to VM: two bytes, (kind, unit)
EVENT_TIMER = 0
EVENT_PIN = 1
EVENT_REPORT = 2  # unit: flags; a REPORT follows at the next jump

# flags of EVENT_REPORT
REPORT_COLLECT = 1  # collect garbage before the heap is looked at
REPORT_FORGET = 2  # the next peak of the stack is that of what follows
