"""Picopin: an ESP8266's pins over HTTP, in MicroPython."""

VERSION = "1.0.0"
