"""From a blank board to one that serves: MicroPython, our code and config.py, in one go."""
