"""Small files that a power cut leaves whole: the old one or the new one, never neither.

LittleFS replaces a file by rename in one step; the checksum is for whatever
else may write there.
"""

import uos as os
from uhashlib import sha256

_SUM = 8  # bytes of checksum before the data


def save(path, data):
    """Put `data` (bytes) at `path`."""
    new = path + ".new"
    with open(new, "wb") as f:
        f.write(sha256(data).digest()[:_SUM])
        f.write(data)
    os.rename(new, path)


def load(path):
    """Return the bytes saved at `path`, or None where there are none that are whole."""
    try:
        with open(path, "rb") as f:
            data = f.read()
    except OSError:
        return None
    if len(data) < _SUM or sha256(data[_SUM:]).digest()[:_SUM] != data[:_SUM]:
        return None
    return data[_SUM:]
