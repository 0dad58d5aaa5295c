"""The one exception that carries a refusal from where it is found to the client.

Status and wording of every error stand in static/errors.txt: read from flash
when one is answered, they take no heap before.
"""

import pkg_resources


class Refusal(Exception):
    """A request that is answered with an error; nothing has changed.

    code: the error's word in static/errors.txt.  param: the parameter at
    fault.  allowed: a list of what would have been taken.  fill: a tuple for
    the text's %s.  headers: further header lines (bytes), each with CR LF.
    MicroPython's exceptions take no keywords: give all of them in this order.
    """

    delay = 0  # milliseconds to wait before it is answered

    def __init__(self, code, param=None, allowed=None, fill=(), headers=b""):
        self.code = code
        self.param = param
        self.allowed = allowed
        self.fill = fill
        self.headers = headers

    def report(self):
        """Return (HTTP status, the contract's JSON object as a dict)."""
        wanted = self.code.encode() + b" "
        with pkg_resources.resource_stream("picopin", "static/errors.txt") as f:
            for line in f:
                if line[4 : 4 + len(wanted)] == wanted:
                    break
        error = {"code": self.code, "message": line[4 + len(wanted) :].strip().decode()}
        if self.fill:
            error["message"] %= self.fill
        if self.param is not None:
            error["param"] = self.param
        if self.allowed is not None:
            error["allowed"] = self.allowed
        return int(line[:3]), {"error": error}
