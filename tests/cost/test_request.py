"""What a GET that sets a pin costs the board: bytes of heap, and one write.

Measured inside the VM, with collection off: from the moment a connection is taken up to the
moment the next one is. So it is all that a request takes, asyncio and socket included.
"""

import pytest

from tests.support.boards import BUILT, Board

# Bytes of the 64-bit VM, some 1,000 of them its stand-ins'; on the chip about 0.59 as many.
MOST = 4200
_ASKED = 12

_MAIN = b"""
import gc
from picopin.api import Api
from picopin.log import log

class Measured(Api):
    last = 0

    def second(self):  # it would collect
        pass

    def respond(self, req):
        now = gc.mem_alloc()
        print("allocated", now - self.last)
        self.last = gc.mem_alloc()
        return super().respond(req)

app = Measured(current)
gc.collect()
gc.disable()
app.run(host="0.0.0.0", port=80, debug=0, log=log)
"""
BROWSER = {
    "Connection": "keep-alive",
    "Cache-Control": "max-age=0",
    "Upgrade-Insecure-Requests": "1",
    "User-Agent": "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/130.0.0.0 Safari/537.36",
    "Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,"
    "image/apng,*/*;q=0.8,application/signed-exchange;v=b3;q=0.7",
    "Accept-Encoding": "gzip, deflate",
    "Accept-Language": "en-US,en;q=0.9",
}


@pytest.mark.parametrize("headers", [{}, BROWSER], ids=["curl", "browser"])
def test_a_get_that_sets_a_pin(built: None, headers: dict[str, str]) -> None:
    files = {"boot.py": (BUILT / "fs/boot.py").read_bytes(), "main.py": _MAIN}
    config = b'AP_PASSWORD = "for-tests-only"\nPINS = [{"pin": 2, "mode": "out"}]\n'
    with Board(files=files | {"config.py": config}, heap="400k") as board:
        for turn in range(_ASKED):
            state = ("on", "off")[turn % 2]
            assert board.client.get(f"/?pin=2&state={state}", headers).json["state"] == state
        sizes = [int(text) for text in board.wait_line(r"^allocated (-?\d+)$", _ASKED)]
        record = board.wait_connection(request="GET /?pin=2&state=on HTTP/1.1")
    usual = sorted(sizes[2:])[len(sizes[2:]) // 2]
    print(f"\na GET that sets a pin: {usual} bytes of heap, {record['writes']} write")
    assert usual <= MOST
    assert record["writes"] == 1
