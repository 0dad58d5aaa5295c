"""What picoweb programs ask of a request beyond the headers that are needed."""

import uio as io

from picopin.headers import MAX_LINE, needed, refuse


def keep(req, buf, view, start, colon, stop, end):
    """Keep a header as picoweb's other modes want it: "parse" all, "leave" them to the handler.

    Returns True where it is one that is needed, and still to be kept.
    """
    if stop - start > MAX_LINE and req.mode != "skip":
        refuse(req, "header_too_large", stop + 1, end)
    if req.mode == "leave":
        req.raw = req.raw + bytes(view[start:stop]).strip() + b"\r\n"
    if req.mode == "parse" and not needed(view, start, colon):
        name = bytes(view[start:colon])
        # b"user-agent" -> b"User-Agent", the spelling that picoweb programs look up
        name = b"-".join([word[:1].upper() + word[1:].lower() for word in name.split(b"-")])
        req.headers[name] = bytes(view[colon + 1 : stop]).strip()
        return False
    return True


def get(req, name):
    """Return what a picoweb program asks of a request, made when it is asked for."""
    if name == "path":
        value = req.where.decode()
    elif name == "qs":
        value = req.query.decode()
    elif name == "reader":
        value = Reader(req)
    elif name == "raw":  # the header lines as they came, for mode "leave"
        return b""
    else:
        raise AttributeError(name)
    setattr(req, name, value)
    return value


class Reader:
    """A stream over what has arrived of a request, for picoweb programs."""

    def __init__(self, req):
        head = req.raw + b"\r\n" if req.mode == "leave" else b""
        self._rest = io.BytesIO(head + (req.body or b""))

    async def read(self, n=-1):
        return self._rest.read(n)

    async def readline(self):
        return self._rest.readline()

    async def readexactly(self, n):
        data = self._rest.read(n)
        if len(data) < n:
            raise EOFError
        return data
