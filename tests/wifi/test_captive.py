"""A phone joins the board's network: names, probes and any page lead to the board's own."""

import socket

import pytest
from dnslib import QTYPE, RCODE, DNSRecord

from tests.support.boards import Board, board_with, free_port
from tests.wifi.scene import HOME, Scene

WIFI = [("home", "home password")]
PAGE = "http://192.168.4.1/"
PATIENCE = 5.0  # seconds for an answer by UDP

# What each system asks, and what it hopes for where there is an internet.
PROBES = [
    ("Android", "connectivitycheck.gstatic.com", "/generate_204", 204, b""),
    ("Android, older", "clients3.google.com", "/gen_204", 204, b""),
    ("iOS, macOS", "captive.apple.com", "/hotspot-detect.html", 200, b"<TITLE>Success</TITLE>"),
    ("iOS, older", "www.apple.com", "/library/test/success.html", 200, b"Success"),
    ("Windows", "www.msftconnecttest.com", "/connecttest.txt", 200, b"Microsoft Connect Test"),
    ("Windows, older", "www.msftncsi.com", "/ncsi.txt", 200, b"Microsoft NCSI"),
    ("Firefox", "detectportal.firefox.com", "/success.txt", 200, b"success\n"),
    ("Firefox", "detectportal.firefox.com", "/canonical.html", 200, b"captive-portal"),
]
probes = pytest.mark.parametrize("probe", PROBES, ids=[f"{p[0]} {p[2]}" for p in PROBES])

DNS_PORT = free_port()
PINS = [{"pin": 4, "mode": "out"}]
page = board_with("--dns-port", str(DNS_PORT), WIFI=WIFI, PINS=PINS)
quiet = board_with(WIFI=WIFI, CAPTIVE="quiet")
Probe = tuple[str, str, str, int, bytes]


class TestProbes:
    @probes
    def test_the_page_opens_by_itself(self, page: Board, probe: Probe) -> None:
        """No system takes a redirect for an internet: it shows what it leads to."""
        _, host, path, _, _ = probe
        for method in ("GET", "HEAD"):
            answer = page.phone.ask(method, path, headers={"Host": host})
            assert (answer.status, answer.header("Location")) == (302, PAGE)
        assert len(answer.body) == 0

    @probes
    def test_or_the_phone_is_told_that_all_is_well(self, quiet: Board, probe: Probe) -> None:
        _, host, path, status, body = probe
        answer = quiet.phone.get(path, {"Host": host})
        assert answer.status == status
        assert body in answer.body
        assert quiet.phone.ask("HEAD", path, headers={"Host": host}).status == status

    @probes
    def test_asked_of_the_boards_own_address(self, page: Board, probe: Probe) -> None:
        """By whoever tries it with curl."""
        assert page.phone.get(probe[2], {"Host": "192.168.4.1"}).header("Location") == PAGE
        assert page.client.get(probe[2]).status == 404

    @probes
    def test_from_the_stations_side_they_are_foreign(self, page: Board, probe: Probe) -> None:
        answer = page.client.get(probe[2], {"Host": probe[1]})
        assert (answer.status, answer.error["code"]) == (403, "foreign_host")


class TestForeignNames:
    @pytest.mark.parametrize("target", ["/", "/any/page?x=%20", "/?pin=4&state=on", "/status"])
    def test_any_page_leads_to_the_boards(self, page: Board, target: str) -> None:
        with page.unmoved():
            answer = page.phone.get(target, {"Host": "anything.example"})
        assert (answer.status, answer.header("Location")) == (302, PAGE)
        assert answer.header("Cache-Control") == "no-store"

    @pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
    def test_what_is_no_get_is_refused(self, page: Board, method: str) -> None:
        with page.unmoved():
            answer = page.phone.ask(method, "/?pin=4&state=on", b"", {"Host": "anything.example"})
        assert (answer.status, answer.error["code"]) == (403, "foreign_host")

    def test_the_page_is_there(self, page: Board) -> None:
        answer = page.phone.get("/", {"Host": "192.168.4.1"})
        assert answer.status == 200
        assert b"<html" in answer.body

    def test_on_another_port(self, built: None) -> None:
        with Board(HTTP_PORT=8080, WIFI=WIFI) as board:
            answer = board.phone.get("/", {"Host": "anything.example"})
            assert answer.header("Location") == "http://192.168.4.1:8080/"

    def test_with_a_password_it_leads_there_and_asks(self, built: None) -> None:
        with Board(PASSWORD="open sesame", WIFI=WIFI) as board:
            answer = board.phone.get("/", {"Host": "anything.example"})
            assert answer.header("Location") == PAGE
            assert board.phone.get("/").status == 401

    def test_not_where_both_subnets_are_one(self, built: None) -> None:
        with Scene(routers=[HOME | {"network": "192.168.4"}], WIFI=WIFI) as board:
            board.wait_state("up", "home")
            answer = board.phone.get("/", {"Host": "anything.example"})
            assert (answer.status, answer.error["code"]) == (403, "foreign_host")


def resolve(name: str, kind: str = "A", port: int = DNS_PORT) -> DNSRecord:
    """Ask the board's name server, as a resolver does: again where nothing came."""
    query = DNSRecord.question(name, kind)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
        asking.settimeout(PATIENCE / 5)
        asking.connect(("127.0.0.1", port))
        for _ in range(5):
            asking.send(query.pack())
            try:
                reply = DNSRecord.parse(asking.recv(512))
            except TimeoutError:
                continue
            assert reply.header.id == query.header.id
            return reply
    raise TimeoutError(f"no answer for {name}")


class TestNames:
    @pytest.mark.parametrize(
        "name", ["anything.example", "captive.apple.com", "a", "", "ü.example"]
    )
    def test_every_name_is_the_board(self, page: Board, name: str) -> None:
        assert [str(rr.rdata) for rr in resolve(name).rr] == ["192.168.4.1"]

    def test_it_has_no_other_records(self, page: Board) -> None:
        for kind in ("AAAA", "HTTPS", "MX", "TXT"):
            reply = resolve("anything.example", kind)
            assert (reply.rr, reply.header.rcode) == ([], RCODE.NOERROR)
            assert reply.q.qtype == getattr(QTYPE, kind)

    def test_noise_does_not_end_it(self, page: Board) -> None:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as noise:
            for length in (*range(40), 511, 512, 1472):
                noise.sendto(b"\xff" * length, ("127.0.0.1", DNS_PORT))
                noise.sendto(b"\0" * length, ("127.0.0.1", DNS_PORT))
        assert resolve("still.example").rr
        assert page.counters()["faults"] == 0

    def test_many_at_once(self, page: Board) -> None:
        """Four wait in the chip, the rest is lost; a phone asks again."""
        sockets = [socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(30)]
        for number, each in enumerate(sockets):
            query = DNSRecord.question(f"name-{number}.example")
            each.sendto(query.pack(), ("127.0.0.1", DNS_PORT))
        assert resolve("after.example").rr
        for each in sockets:
            each.close()

    def test_only_while_the_access_point_is_up(self, built: None) -> None:
        """With AP = "fallback" it comes and goes with it."""
        port = free_port()
        options = ("--dns-port", str(port))
        with Scene(*options, routers=[], WIFI=WIFI, AP="fallback") as board:
            board.wait(lambda: board.control(wifi=None)["wifi"]["ap"], "the access point")
            assert resolve("a.example", port=port).rr
            board.control(routers=[HOME])
            board.wait(lambda: not board.control(wifi=None)["wifi"]["ap"], "the end of it")
            assert board.client.get("/status").json["requests"]["faults"] == 0
            board.control(wifi="lost")
            board.wait(lambda: board.control(wifi=None)["wifi"]["ap"], "the access point again")
            assert resolve("b.example", port=port).rr
