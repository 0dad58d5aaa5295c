"""The firmware on the ESP8266's own processor: MicroPython built for the lx106, run under QEMU."""
