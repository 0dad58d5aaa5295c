# Stands in for the chip's `esp` in the bench: a flash header in DIO mode.
def flash_read(offset, size):
    return b"\xe9\x00\x02\x40"[:size]
