"""The virtual ESP8266: real MicroPython on a PC, with the chip's hardware played by this program."""
