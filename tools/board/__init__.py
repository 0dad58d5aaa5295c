"""The virtual ESP8266: real MicroPython on a PC, its chip's hardware played by this program."""
