"""The relay and the fake `socket` against the rules of the ESP8266's lwIP.

Each test names the rule; its source stands beside the constant or the code in tools/board/tcp.py,
udp.py, lwip.py and vm/socket.py. The programs are what a board would run.
"""

import contextlib
import select
import socket
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.board.socket_board import PATIENCE, SocketBoard, wait_for
from tools.board import early, lwip, tcp
from tools.board.process import BoardProcess

linux_only = pytest.mark.skipif(sys.platform != "linux", reason="needs Linux's loopback or /proc")

SERVE = """
import asyncio, gc, sys

async def serve(reader, writer):
    try:
        await answer(reader, writer)
    except OSError as error:
        print("error", error.errno)
    finally:
        writer.close()
        await writer.wait_closed()

async def main():
    await asyncio.start_server(serve, "0.0.0.0", 80)
    await asyncio.sleep(1000)

"""
RUN = "\nasyncio.run(main())\n"
ECHO = """
async def answer(reader, writer):
    line = await reader.readline()
    while (await reader.readline()).strip():
        pass
    writer.write(b"HTTP/1.1 200 OK\\r\\n\\r\\n" + line)
    await writer.drain()
"""
WAIT_FOR_A_LINE = """
async def answer(reader, writer):
    print("from", *writer.get_extra_info("peername"))
    await reader.readline()
"""
LISTEN = """
import socket, time
s = socket.socket()
s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
s.bind(socket.getaddrinfo("0.0.0.0", 80)[0][-1])
"""
REQUEST = b"GET /?pin=2 HTTP/1.1\r\nHost: board\r\n\r\n"

Start = Callable[..., SocketBoard]


@pytest.fixture
def start(tmp_path: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Start]:
    """Start a program on a board of its own."""
    cache = tmp_path_factory.getbasetemp()
    with contextlib.ExitStack() as boards:

        def begin(program: str, heap: str = "200k") -> SocketBoard:
            return boards.enter_context(SocketBoard(tmp_path, cache, program, heap))

        yield begin


@pytest.fixture
def serve(start: Start) -> Start:
    """Start an asyncio server around an `answer(reader, writer)`."""
    return lambda answer, **options: start(SERVE + answer + RUN, **options)


def receive_all(client: socket.socket) -> bytes:
    data = b""
    while part := client.recv(4096):
        data += part
    return data


def silent(client: socket.socket) -> bool:
    """Nothing arrives for a while: the one wait here that has to be a time."""
    return not select.select([client], [], [], 0.3)[0]


def reset_by_peer(client: socket.socket) -> bool:
    try:
        receive_all(client)
    except ConnectionResetError:
        return True
    return False


# Requests, records, addresses


def test_a_request_is_answered_and_recorded(serve: Start) -> None:
    board = serve(ECHO)
    with board.connect() as client:
        client.sendall(REQUEST)
        assert receive_all(client) == b"HTTP/1.1 200 OK\r\n\r\nGET /?pin=2 HTTP/1.1\r\n"
    record = board.ended()
    assert record["request"] == "GET /?pin=2 HTTP/1.1"
    assert (record["status"], record["writes"], record["how"]) == (200, 1, "closed")
    assert (record["bytes_in"], record["bytes_out"]) == (len(REQUEST), 41)
    assert record["client"].startswith("192.168.1.100:")
    assert record["interface"] == "station"


def test_a_token_is_not_recorded(serve: Start) -> None:
    board = serve(ECHO)
    with board.connect() as client:
        client.sendall(b"GET /?token=secret&pin=2 HTTP/1.1\r\n\r\n")
        receive_all(client)
    assert board.ended()["request"] == "GET /?token=***&pin=2 HTTP/1.1"


def test_each_write_is_counted(serve: Start) -> None:
    board = serve("""
async def answer(reader, writer):
    for piece in (b"HTTP/1.0 200 NA\\r\\n", b"Content-Type: text/html", b"\\r\\n\\r\\n", b"x"):
        await writer.awrite(piece)
""")
    with board.connect() as client:
        assert receive_all(client).endswith(b"\r\n\r\nx")
    assert board.ended()["writes"] == 4


def test_clients_have_addresses_of_the_interface_they_come_by(serve: Start) -> None:
    board = serve(WAIT_FOR_A_LINE)
    with board.connect() as client:
        assert board.line() == f"from 192.168.1.100 {client.getsockname()[1]}"
    with board.connect(board.ap) as client:
        assert board.line() == f"from 192.168.4.100 {client.getsockname()[1]}"


@linux_only
def test_hosts_have_addresses_of_their_own(serve: Start) -> None:
    board = serve(WAIT_FOR_A_LINE)
    seen = []
    for host in ("127.0.0.7", "127.0.0.8", "127.0.0.7"):
        with board.connect(host=host):
            seen.append(board.line().split()[1])
    assert seen == ["192.168.1.100", "192.168.1.101", "192.168.1.100"]


# Five connections


def test_a_sixth_hears_nothing_until_a_place_frees(serve: Start) -> None:
    board = serve(ECHO)
    ports = [board.http, board.ap, board.http, board.ap, board.http]
    with contextlib.ExitStack() as clients:
        five = [clients.enter_context(board.connect(port)) for port in ports]
        wait_for(lambda: board.active() == 5)
        for port in (board.http, board.ap):
            sixth = clients.enter_context(board.connect(port))
            sixth.sendall(REQUEST)
            assert silent(sixth)
            five.pop().close()
            assert receive_all(sixth).startswith(b"HTTP/1.1 200")
            sixth.close()
            wait_for(lambda: board.active() < 5)
            five.append(clients.enter_context(board.connect(port)))
            wait_for(lambda: board.active() == 5)
    assert board.do(board.stack.summary)["peak"] == 5


def test_who_gave_up_while_all_places_were_taken_was_never_there(serve: Start) -> None:
    board = serve(ECHO)
    with contextlib.ExitStack() as clients:
        five = [clients.enter_context(board.connect()) for _ in range(5)]
        wait_for(lambda: board.active() == 5)
        board.connect().close()
        last = clients.enter_context(board.connect())
        last.sendall(REQUEST)
        five[0].close()
        assert receive_all(last).startswith(b"HTTP/1.1 200")
    assert len(board.records()) == 6


def test_a_closed_connection_takes_no_place(serve: Start) -> None:
    """TIME_WAIT does not count."""
    board = serve(ECHO)
    for _ in range(20):
        with board.connect() as client:
            client.sendall(REQUEST)
            receive_all(client)
    wait_for(lambda: board.active() == 0)


def test_a_full_accept_ring_answers_rst(start: Start) -> None:
    board = start(LISTEN + "s.listen(2)\ntime.sleep(1000)")
    with board.connect() as first, board.connect() as second:
        wait_for(lambda: board.active() == 2)
        with board.connect() as third:
            assert reset_by_peer(third)
        assert silent(first)
        assert silent(second)
    assert board.ended(2)["how"] == "refused"


def test_who_reset_before_accept_takes_no_place_in_the_ring(start: Start) -> None:
    """_lwip_tcp_err_unaccepted() of extmod/modlwip.c."""
    board = start(LISTEN + "s.listen(2)\ntime.sleep(1000)")
    tcp.reset(board.connect())
    board.ended()
    with board.connect() as first, board.connect() as second:
        wait_for(lambda: board.active() == 2)
        with board.connect() as third:
            assert reset_by_peer(third)
        assert silent(first)
        assert silent(second)


# Before accept(): extmod/modlwip.c, _lwip_tcp_recv_unaccepted()

WHEN_TOLD = (
    LISTEN
    + """
go = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
go.bind(("", 53))
s.listen(5)
go.recv(1)
c, peer = s.accept()
print("accepted")
"""
)


@pytest.fixture
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """What comes before accept() is early however soon that follows."""
    monkeypatch.setattr(early, "GRACE", 0)


def tell(board: SocketBoard) -> None:
    """Have the program accept."""
    with udp_client() as client:
        client.sendto(b"!", ("127.0.0.1", board.dns))
    assert board.line() == "accepted"


def wait_early(board: SocketBoard, what: str) -> None:
    wait_for(lambda: board.records() and board.records()[0]["early"] == what)


@pytest.mark.usefixtures("at_once")
def test_an_end_before_accept_is_lost_and_the_place_held(start: Start) -> None:
    board = start(
        WHEN_TOLD
        + """
c.settimeout(0.2)
try:
    print(c.recv(1))
except OSError as error:
    print(error.errno)
c.close()
time.sleep(1000)
"""
    )
    board.connect().close()
    wait_early(board, "end")
    tell(board)
    assert board.line() == "110"
    record = board.ended()
    assert (record["early"], record["how"], record["bytes_in"]) == ("end", "closed", 0)


@pytest.mark.usefixtures("at_once")
def test_data_before_accept_comes_with_a_tick(start: Start) -> None:
    assert early.TICK == 0.125
    board = start(WHEN_TOLD + "print(c.recv(100))\ntime.sleep(1000)")
    with board.connect() as client:
        client.sendall(b"early")
        wait_early(board, "data")
        assert board.records()[0]["bytes_in"] == 0
        tell(board)
        assert board.line() == "b'early'"


@pytest.mark.usefixtures("at_once")
def test_data_before_accept_comes_with_the_next_segment(
    start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(early, "_tick", lambda began: 3600)
    board = start(
        WHEN_TOLD
        + """
c.setblocking(False)
try:
    print(c.recv(100))
except OSError as error:
    print(error.errno)
c.setblocking(True)
data = b""
while len(data) < 9:
    data += c.recv(9)
print(data)
"""
    )
    with board.connect() as client:
        client.sendall(b"first")
        wait_early(board, "data")
        tell(board)
        assert board.line() == "11"
        client.sendall(b"next")
        assert board.line() == "b'firstnext'"


@pytest.mark.usefixtures("at_once")
def test_what_follows_refused_data_is_sent_again_its_end_too(start: Start) -> None:
    """tcp_in.c, tcp_input(): a segment that finds refused data is dropped."""
    board = start(WHEN_TOLD + "print(len(c.recv(2000)))\nprint(len(c.read(-1)))")
    with board.connect() as client:
        client.sendall(bytes(1000))
        client.shutdown(socket.SHUT_WR)
        wait_early(board, "data")
        tell(board)
        assert [board.line(), board.line()] == ["536", "464"]


@pytest.mark.usefixtures("at_once")
def test_closing_with_refused_data_is_rst(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    """tcp.c, tcp_close_shutdown() looks at pcb->refused_data."""
    monkeypatch.setattr(early, "_tick", lambda began: 3600)
    board = start(WHEN_TOLD + "c.close()\ntime.sleep(1000)")
    with board.connect() as client:
        client.sendall(b"early")
        wait_early(board, "data")
        tell(board)
        assert reset_by_peer(client)
    assert board.ended()["how"] == "reset by board"


@pytest.mark.usefixtures("at_once")
def test_a_reset_behind_refused_data_frees_the_place(start: Start) -> None:
    board = start(WHEN_TOLD)
    client = board.connect()
    client.sendall(b"early")
    wait_early(board, "data")
    tcp.reset(client)
    assert board.ended()["how"] == "reset by client"
    assert board.active() == 0


def test_a_program_that_waits_in_accept_hears_nothing_late(serve: Start) -> None:
    board = serve(ECHO)
    for _ in range(20):
        with board.connect() as client:
            client.sendall(REQUEST)
            receive_all(client)
    assert {record["early"] for record in board.records()} == {""}


def test_a_thousand_rough_clients_leave_nothing(serve: Start) -> None:
    board = serve(ECHO)
    with board.connect() as client:
        client.sendall(REQUEST)
        receive_all(client)
    leave: list[Callable[[socket.socket], object]] = [
        lambda client: None,
        tcp.reset,
        lambda client: client.sendall(REQUEST[:9]),
        lambda client: (client.sendall(REQUEST), tcp.reset(client)),
        lambda client: client.sendall(REQUEST + bytes(3000)),
    ]
    for number in range(1000):
        with board.connect((board.http, board.ap)[number % 2]) as client:
            leave[number % len(leave)](client)
    with board.connect() as client:
        client.sendall(REQUEST)
        assert receive_all(client).startswith(b"HTTP/1.1 200")
    wait_for(lambda: board.active() == 0)
    assert board.do(board.stack.summary)["peak"] <= 5


# Sending


def test_a_write_takes_the_send_buffer_and_no_more(serve: Start) -> None:
    board = serve("""
async def answer(reader, writer):
    taken = [writer.s.write(bytes(2000)) for _ in range(100)]
    print(set(taken) == {None, 1072}, taken[0], 1072 * (100 - taken.count(None)))
    await writer.awrite(bytes(5000))
""")
    with board.connect() as client:
        as_it_should, first, taken = board.line().split()
        assert (as_it_should, first) == ("True", "1072")
        assert len(receive_all(client)) == int(taken) + 5000
    assert board.ended()["writes"] == int(taken) // 1072 + 5


def test_small_writes_share_the_send_buffer(serve: Start) -> None:
    board = serve("""
async def answer(reader, writer):
    print(*[writer.s.write(bytes(300)) for _ in range(100)])
""")
    with board.connect() as client:
        taken = board.line().split()
        assert taken[:3] == ["300", "300", "300"]
        assert "None" in taken
        receive_all(client)


@pytest.mark.parametrize("blocking", [True, False])
def test_a_write_waits_for_memory_non_blocking_or_not(start: Start, blocking: bool) -> None:
    """extmod/modlwip.c, lwip_tcp_send()."""
    board = start(
        LISTEN
        + f"""
s.listen(5)
c, peer = s.accept()
c.setblocking({blocking})
start = time.ticks_ms()
print(c.send(b"one"), time.ticks_diff(time.ticks_ms(), start) >= 200)
print(c.write(b"two"), time.ticks_diff(time.ticks_ms(), start) >= 400)
start = time.ticks_ms()
print(c.write(b"three"), time.ticks_diff(time.ticks_ms(), start) < 200)
c.close()
"""
    )
    board.do(board.stack.stall, 2, 0.2)
    with board.connect() as client:
        assert [board.line() for _ in range(3)] == ["3 True", "3 True", "5 True"]
        assert receive_all(client) == b"onetwothree"
    assert board.ended()["writes"] == 3


@pytest.mark.parametrize("write", ["send", "write", "sendall"])
def test_a_write_that_finds_no_memory_in_time_is_error_12(
    start: Start, write: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert lwip.PATIENCE == 10_000
    monkeypatch.setattr(lwip, "PATIENCE", 200)
    board = start(
        LISTEN
        + f"""
s.listen(5)
c, peer = s.accept()
c.setblocking(False)
start = time.ticks_ms()
try:
    c.{write}(b"one")
except OSError as error:
    print(error.errno, time.ticks_diff(time.ticks_ms(), start) >= 200)
print(c.write(b"two"))
c.close()
"""
    )
    board.do(board.stack.stall, 1, 60)
    with board.connect() as client:
        assert [board.line() for _ in range(2)] == ["12 True", "3"]
        assert receive_all(client) == b"two"


def test_scheduled_callbacks_run_while_a_write_waits_for_memory() -> None:
    """mp_hal_delay_ms() of ports/esp8266/esp_mphal.c handles events, asyncio does not run."""
    program = b"""
import asyncio, network
from machine import Timer
network.WLAN(1).active(True)
ticks = turns = 0
def tick(timer):
    global ticks
    ticks += 1
async def turn():
    global turns
    while True:
        turns += 1
        await asyncio.sleep_ms(1)
async def serve(reader, writer):
    await reader.readline()
    before = ticks, turns
    reader.s.write(b"x")
    print("meanwhile", ticks - before[0] > 10, turns - before[1])
    writer.close()
    await writer.wait_closed()
async def main():
    asyncio.create_task(turn())
    await asyncio.start_server(serve, "0.0.0.0", 80)
    await asyncio.sleep(1000)
Timer(-1).init(period=5, callback=tick)
asyncio.run(main())
"""
    with BoardProcess("--http-port", "0", files={"main.py": program}) as board:
        host, port = board.ready().removeprefix("http://").rstrip("/").split(":")
        board.control(stall={"writes": 1, "seconds": 0.5})
        with socket.create_connection((host, int(port)), PATIENCE) as client:
            client.sendall(b"\n")
            assert receive_all(client) == b"x"
        board.wait_line("meanwhile True 0")


def test_a_client_that_does_not_read_stops_the_program(serve: Start) -> None:
    board = serve("""
async def answer(reader, writer):
    for i in range(1000):
        await writer.awrite(bytes(1072))
    print("done")
""")
    board.wait_ready()
    client = socket.socket()
    client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
    with client:
        client.settimeout(PATIENCE)
        client.connect(("127.0.0.1", board.http))
        wait_for(lambda: board.records() and board.records()[0]["bytes_out"])
        sent = -1
        while sent != (sent := board.records()[0]["bytes_out"]):
            time.sleep(0.2)  # until it stands still
        assert sent < 1000 * 1072
        assert len(receive_all(client)) == 1000 * 1072
    assert board.line() == "done"
    assert board.ended()["writes"] == 1000


# Receiving


def test_a_client_sends_a_window_ahead_at_most(serve: Start) -> None:
    board = serve("""
async def answer(reader, writer):
    total = most = 0
    while total < 10000:
        await asyncio.sleep_ms(20)
        try:
            part = reader.s.recv(9999)
        except OSError:
            continue
        total += len(part)
        most = max(most, len(part))
    print(total, most)
""")
    with board.connect() as client:
        client.sendall(bytes(10000))
        assert board.line() == "10000 2144"
        assert receive_all(client) == b""


def test_half_close_is_an_end_and_the_answer_still_goes_out(serve: Start) -> None:
    board = serve("""
async def answer(reader, writer):
    data = await reader.read(-1)
    await writer.awrite(b"heard " + data)
""")
    with board.connect() as client:
        client.sendall(b"all of it")
        client.shutdown(socket.SHUT_WR)
        assert receive_all(client) == b"heard all of it"
    assert board.ended()["how"] == "closed"


def test_a_clients_reset_is_104_once(serve: Start) -> None:
    board = serve("""
async def answer(reader, writer):
    print(await reader.read(4))
    try:
        print(await reader.read(4))
    except OSError as error:
        print(error.errno)
    print(await reader.read(4))
    await writer.awrite(b"x")
""")
    with board.connect() as client:
        client.sendall(b"four")
        assert board.line() == "b'four'"
        tcp.reset(client)
        assert [board.line() for _ in range(3)] == ["104", "b''", "error 104"]
    assert board.ended()["how"] == "reset by client"


# Closing


def test_closing_with_unread_input_is_rst(serve: Start) -> None:
    board = serve("""
async def answer(reader, writer):
    await reader.readline()
    await writer.awrite(b"too early")
""")
    with board.connect() as client:
        client.sendall(b"POST / HTTP/1.1\r\n\r\nbody")
        assert reset_by_peer(client)
    assert board.ended()["how"] == "reset by board"


def test_a_client_that_does_not_close_is_reset(
    serve: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert tcp.CLOSE_TIMEOUT == 10
    monkeypatch.setattr(tcp, "CLOSE_TIMEOUT", 0.3)
    board = serve(ECHO)
    with board.connect() as client:
        client.sendall(REQUEST)
        receive_all(client)
        assert board.ended()["how"] == "aborted"
        assert board.active() == 0
        with pytest.raises(ConnectionError):
            for _ in range(100):
                client.sendall(b"x")
                time.sleep(0.01)


def test_what_is_collected_is_closed(serve: Start) -> None:
    """The chip's sockets have a finaliser."""
    board = serve("""
async def forget(reader, writer):
    pass

async def main():
    await asyncio.start_server(forget, "0.0.0.0", 80)
    while True:
        await asyncio.sleep_ms(20)
        gc.collect()
""")
    with board.connect() as first, board.connect(), board.connect():
        assert receive_all(first) == b""  # the last one is still in asyncio's hands
        first.close()
        assert board.ended(0)["writes"] is None


# Listening


def test_a_second_listener_is_error_12(start: Start) -> None:
    board = start(
        LISTEN
        + """
s.listen(5)
for reuse in (1, 0):
    other = socket.socket()
    other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, reuse)
    try:
        other.bind(("", 80))
        other.listen(5)
    except OSError as error:
        print(error.errno)
    other.close()
s.close()
other = socket.socket()
other.bind(("", 80))
other.listen(5)
print("listens again")
time.sleep(1000)
"""
    )
    assert [board.line() for _ in range(3)] == ["12", "98", "listens again"]
    board.connect().close()


def test_nobody_listens_means_refused(start: Start) -> None:
    board = start("print('up')\nimport time\ntime.sleep(1000)")
    assert board.line() == "up"
    for port in (board.http, board.ap):
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", port), PATIENCE)


def test_a_chip_without_wifi_refuses_nothing(start: Start) -> None:
    board = start("print('up')\nimport time\ntime.sleep(1000)")
    assert board.line() == "up"
    board.do(board.stack.station.fall)
    with socket.create_connection(("127.0.0.1", board.http), PATIENCE) as client:
        assert silent(client)
        board.do(board.stack.station.rise, "192.168.1.50")
        assert reset_by_peer(client)


def test_refused_again_after_the_listener_closed(start: Start) -> None:
    board = start(LISTEN + "s.listen(5)\ns.accept()\ns.close()\nprint('shut')\ntime.sleep(1000)")
    with board.connect():
        assert board.line() == "shut"
        with pytest.raises(ConnectionRefusedError):
            board.connect()


def test_a_taken_port_is_told(start: Start) -> None:
    board = start("import time\ntime.sleep(1000)")
    with socket.create_server(("127.0.0.1", 0)) as other, pytest.raises(OSError, match="in use"):
        board.do(board.stack.map, other.getsockname()[1], board.stack.station)


def test_a_reset_of_the_chip_resets_its_clients(serve: Start) -> None:
    board = serve(WAIT_FOR_A_LINE)
    with board.connect() as client:
        board.line()
        board.do(board.stack.restart)
        assert reset_by_peer(client)
    assert board.ended()["how"] == "board restarted"
    with pytest.raises(ConnectionRefusedError):
        board.connect()


# Wi-Fi


def test_without_wifi_there_is_silence(serve: Start) -> None:
    board = serve(ECHO)
    with board.connect() as old:
        wait_for(lambda: board.active() == 1)
        board.do(board.stack.station.fall)
        old.sendall(REQUEST)
        with board.connect() as new:
            new.sendall(REQUEST)
            assert silent(old)
            assert silent(new)
            with board.connect(board.ap) as other:
                other.sendall(REQUEST)
                assert receive_all(other).startswith(b"HTTP/1.1 200")
            board.do(board.stack.station.rise, "192.168.7.9")
            assert receive_all(old).startswith(b"HTTP/1.1 200")
            assert receive_all(new).startswith(b"HTTP/1.1 200")
    assert board.ended()["client"].startswith("192.168.7.100:")


# UDP

DNS = """
import socket, time
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.bind(("", 53))
print("bound")
"""


def udp_client() -> socket.socket:
    client = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    client.settimeout(PATIENCE)
    client.bind(("127.0.0.1", 0))
    return client


def test_udp_goes_to_and_fro(start: Start) -> None:
    board = start(DNS + "data, peer = s.recvfrom(4)\nprint(*peer)\ns.sendto(data, peer)\n")
    assert board.line() == "bound"
    with udp_client() as client:
        client.sendto(b"question", ("127.0.0.1", board.dns))
        assert board.line() == f"192.168.4.100 {client.getsockname()[1]}"
        assert client.recv(100) == b"ques"


def test_udp_queues_four_packets(start: Start) -> None:
    board = start(
        DNS
        + """
go = socket.socket()
go.bind(socket.getaddrinfo("0.0.0.0", 80)[0][-1])
go.listen(1)
go.accept()
s.setblocking(False)
try:
    while True:
        print(s.recvfrom(100)[0])
except OSError as error:
    print(error.errno)
"""
    )
    assert board.line() == "bound"
    with udp_client() as client:
        for number in range(6):
            client.sendto(b"%d" % number, ("127.0.0.1", board.dns))
        wait_for(lambda: board.do(board.stack.summary)["udp_dropped"] == 2)
        with board.connect():  # all six have come: now the program may look
            got = [board.line() for _ in range(5)]
    assert got == ["b'0'", "b'1'", "b'2'", "b'3'", "11"]
    assert board.do(board.stack.summary)["udp_dropped"] == 2


def test_udp_wakes_asyncio(start: Start) -> None:
    board = start("""
import asyncio, socket

async def answer():
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    s.setblocking(False)
    s.bind(("", 53))
    print("bound")
    while True:
        yield asyncio.core._io_queue.queue_read(s)
        data, peer = s.recvfrom(100)
        s.sendto(data + b"!", peer)

asyncio.run(answer())
""")
    assert board.line() == "bound"
    with udp_client() as client:
        for text in (b"abc", b"defg"):
            client.sendto(text, ("127.0.0.1", board.dns))
            assert client.recv(100) == text + b"!"


# The module


def test_the_module_has_what_the_chip_has(start: Start) -> None:
    board = start(
        LISTEN
        + """
s.listen(1)
print(*[name for name in ("getpeername", "fileno", "shutdown") if hasattr(s, name)])
print(socket.getaddrinfo("192.168.4.1", 53))
for call in (lambda: socket.getaddrinfo("example.com", 80), lambda: s.read(1),
             lambda: socket.socket().connect(("192.168.1.1", 80)), s.close, s.accept):
    try:
        call()
    except OSError as error:
        print(error.errno)
try:
    s.bind(("nonsense", 80))
except ValueError as error:
    print(error)
"""
    )
    assert board.line() == ""
    assert board.line() == "[(2, 1, 0, '', ('192.168.4.1', 53))]"
    assert [board.line() for _ in range(5)] == ["-2", "107", "113", "9", "invalid arguments"]


def test_times_out_as_told(start: Start) -> None:
    board = start(
        LISTEN
        + """
s.listen(1)
s.setblocking(False)
for wait in (0, 0.05):
    s.settimeout(wait)
    try:
        s.accept()
    except OSError as error:
        print(error.errno)
s.settimeout(None)
c, peer = s.accept()
c.settimeout(0.05)
try:
    c.recv(1)
except OSError as error:
    print(error.errno)
print(c.recv(1, socket.MSG_PEEK), c.recv(10), c.send(b"x"))
"""
    )
    assert [board.line(), board.line()] == ["11", "110"]
    with board.connect() as client:
        assert board.line() == "110"
        client.sendall(b"hello")
        assert board.line() == "b'h' b'hello' 1"


# What it costs


def test_heap_of_a_connection(serve: Start) -> None:
    """README.md states the figure: what a connection takes beyond the chip's own."""
    board = serve("""
held = []

async def main():
    import socket
    s = socket.socket()
    s.setblocking(False)
    s.bind(("", 80))
    s.listen(5)
    while len(held) < 5:
        try:
            gc.collect()
            before = gc.mem_alloc()
            held.append(s.accept()[0])
            gc.collect()
            print(gc.mem_alloc() - before)
        except OSError:
            await asyncio.sleep_ms(10)
""")
    with contextlib.ExitStack() as clients:
        for _ in range(5):
            clients.enter_context(board.connect())
        sizes = [int(board.line()) for _ in range(5)]
    assert max(sizes[1:]) <= 320


@linux_only
def test_nothing_to_do_takes_no_cpu(serve: Start) -> None:
    board = serve(ECHO)
    with board.connect():
        wait_for(lambda: board.active() == 1)
        before = cpu_ticks(board.interpreter.pid)
        time.sleep(1)
        assert cpu_ticks(board.interpreter.pid) - before <= 1


def cpu_ticks(pid: int) -> int:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return int(fields[11]) + int(fields[12])


# Beyond the station

ASK_THE_ROUTER = b"""
import network, socket, time
sta = network.WLAN(network.STA_IF)
sta.active(True)
sta.connect("home", "password")
while not sta.isconnected():
    time.sleep_ms(10)
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.settimeout(0.2)
question = b"\\x12\\x34\\x01\\0\\0\\1\\0\\0\\0\\0\\0\\0\\1a\\0\\0\\1\\0\\1"
heard = None
while True:
    s.sendto(question, (sta.ifconfig()[2], 53))
    try:
        now = s.recvfrom(64)[1]
    except OSError as error:
        now = error.errno
    if now != heard:
        heard = now
        print("heard", now)
"""


def test_the_router_answers_unless_it_is_silent() -> None:
    with BoardProcess(files={"main.py": ASK_THE_ROUTER}) as board:
        board.wait_line(r"heard \('192.168.1.1', 53\)")
        board.control(wifi="silent")
        board.wait_line("heard 110")
        board.control(wifi="restored")
        board.wait_line(r"heard \('192.168.1.1', 53\)", 2)
