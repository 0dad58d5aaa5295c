"""What changed onto a board that already runs MicroPython, by mpremote; the rest is left alone."""
