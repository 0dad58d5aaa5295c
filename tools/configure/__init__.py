"""config.py: read and judged by the firmware's own checker, asked for, and written."""
