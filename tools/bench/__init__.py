"""Picopin beside its peers, on one MicroPython: `make bench`, `python -m tools.bench --quick`."""
