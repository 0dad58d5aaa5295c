"""Wi-Fi set up from the phone: GET and POST /wifi, from both sides of the board."""

import json
from urllib.parse import quote_plus

import pytest

from tests.support.boards import Board, board_with
from tests.support.http import Answer, Client
from tests.wifi.scene import HOME, SHED, Scene

JSON = {"Content-Type": "application/json"}
WIFI = [("home", "home password")]
# Whatever Wi-Fi allows: names of 1 to 32 bytes, passwords of 8 to 63 or none.
NETWORKS = [
    ("x", "12345678"),
    ("with spaces  in it ", "  leading and trailing  "),
    ("quotes \" ' ` \\", "back\\slash \"and' quotes"),
    ("&+%;#@=?/", "&+%;#@=?/<>[]{}|^~!$*(),.:"),
    ("%41%zz", "%20%00+%2B"),
    ("ünïcödé ☃", "пароль ☃ ünï"),
    ("n" * 32, "p" * 63),
    ("☃" * 10 + "nn", "ü" * 31 + "p"),
    ("line\nand\ttab", "\x01\x1f line\r\nbreak"),
    ("open to all", ""),
]


@pytest.fixture(autouse=True)
def _built(built: None) -> None:
    """Every test here starts boards."""


def post(client: Client, **asked: object) -> Answer:
    return client.ask("POST", "/wifi", json.dumps(asked).encode(), JSON)


def post_form(client: Client, **asked: str) -> Answer:
    return client.post("/wifi", "&".join(f"{k}={quote_plus(v)}" for k, v in asked.items()))


def wait_outcome(board: Scene, ssid: str, outcome: str) -> None:
    """Wait for what became of a network that was asked for, as the phone is told."""
    wanted = {"ssid": ssid, "outcome": outcome}
    board.wait(lambda: board.phone.get("/wifi").json["asked"] == wanted, f"{wanted}")


def known(board: Board) -> list[tuple[str, bool]]:
    return [(each["ssid"], each["saved"]) for each in board.phone.get("/wifi").json["known"]]


@pytest.mark.parametrize("way", [post, post_form], ids=["json", "form"])
def test_any_name_and_password_of_wifi(way: object) -> None:
    """Each joined in turn, without a restart, to the byte as it was entered."""
    routers = [{"ssid": ssid, "password": key} for ssid, key in NETWORKS]
    with Scene(routers=routers) as board:
        for ssid, key in NETWORKS:
            answer = way(board.phone, ssid=ssid, password=key)  # type: ignore[operator]
            assert answer.status == 200
            assert answer.json["asked"] == {"ssid": ssid, "outcome": "joining"}
            wait_outcome(board, ssid, "up")
            assert board.told == {"state": "up", "ssid": ssid, "address": "192.168.1.50"}
            assert known(board) == [(ssid, True)]
            assert post(board.phone, forget=ssid).status == 200
        assert board.life == 1


def test_a_network_lasts_over_a_power_cut(tmp_path: object) -> None:
    with Scene(routers=[HOME, SHED]) as board:
        post(board.phone, ssid="shed", password="shed password")
        board.wait(lambda: known(board) == [("shed", True)], "it to be saved")
        board.control(power="cycle")
        board.wait_line("INFO:picopin:serving", 2)
        board.wait_state("up", "shed")


def test_a_wrong_password_keeps_the_network_that_worked() -> None:
    """Of another network and of the same: the phone is told, and the station goes back."""
    with Scene(routers=[HOME, SHED], WIFI=WIFI) as board:
        board.wait_state("up", "home")
        post(board.phone, ssid="shed", password="not the right one")
        wait_outcome(board, "shed", "wrong password")
        board.wait_state("up", "home")
        assert known(board) == [("home", False)]
        post(board.phone, ssid="home", password="not the right one")
        wait_outcome(board, "home", "wrong password")
        board.wait_state("up", "home")


def test_a_new_password_takes_the_place_of_the_old_only_when_it_works() -> None:
    with Scene(routers=[HOME]) as board:
        post(board.phone, ssid="home", password="home password")
        wait_outcome(board, "home", "up")
        post(board.phone, ssid="home", password="mistyped it")
        wait_outcome(board, "home", "wrong password")
        board.wait_state("up", "home")
        board.control(router={"ssid": "home", "password": "the new one"})
        post(board.phone, ssid="home", password="the new one")
        wait_outcome(board, "home", "up")
        assert known(board) == [("home", True)]


@pytest.mark.parametrize(
    ("router", "outcome"), [({"present": False}, "not found"), ({"dhcp": False}, "no address")]
)
def test_what_is_not_there_now_is_kept(router: dict[str, object], outcome: str) -> None:
    with Scene(routers=[HOME | router]) as board:
        post(board.phone, ssid="home", password="home password")
        wait_outcome(board, "home", outcome)
        board.control(router={"ssid": "home", "present": True, "dhcp": True})
        board.wait_state("up", "home")


def test_forgetting_the_joined_network_leaves_it() -> None:
    with Scene(routers=[HOME, SHED], WIFI=WIFI) as board:
        post(board.phone, ssid="shed", password="shed password")
        wait_outcome(board, "shed", "up")
        assert post(board.phone, forget="shed").status == 200
        board.wait_state("up", "home")
        assert known(board) == [("home", False)]


def test_saving_the_same_again_writes_nothing() -> None:
    with Scene(routers=[HOME]) as board:
        post(board.phone, ssid="home", password="home password")
        wait_outcome(board, "home", "up")
        before = board.control(flash=None)["flash"]
        post(board.phone, ssid="home", password="home password")
        board.wait(lambda: board.told["state"] == "joining", "another try")
        board.wait_state("up", "home")
        assert board.control(flash=None)["flash"] == before


class TestScan:
    def test_only_on_request_and_never_in_the_middle_of_an_answer(self) -> None:
        with Scene(routers=[HOME, SHED, {"ssid": "", "hidden": True}]) as board:
            first = board.phone.get("/wifi").json
            assert (first["age"], first["networks"], first["scanning"]) == (None, [], False)
            with board.phone.connect() as waiting:
                waiting.sendall(b"GET /status HTTP/1.1\r\n")
                assert post(board.phone, scan=True).json["scanning"] is True
                for _ in range(5):
                    assert board.phone.get("/wifi").json["scanning"] is True
                assert board.control(wifi=None)["wifi"]["scans"] == 0
                waiting.sendall(b"Host: 192.168.4.1\r\n\r\n")
                assert waiting.recv(9) == b"HTTP/1.1 "
            board.wait(lambda: board.phone.get("/wifi").json["networks"], "the scan")
            found = board.phone.get("/wifi").json
            assert found["age"] < 5
            assert found["networks"] == [
                {"ssid": "home", "rssi": -60, "channel": 6, "open": False},
                {"ssid": "shed", "rssi": -70, "channel": 11, "open": False},
            ]
            assert board.control(wifi=None)["wifi"]["scans"] == 1

    def test_of_many_networks_the_strongest(self) -> None:
        """Of thirty: the list that the port makes of forty finds no room in the chip's heap."""
        routers = [
            {"ssid": f"network number {n:02} with a long name"[:32], "rssi": -40 - n, "channel": 1}
            for n in range(30)
        ]
        with Scene(routers=routers) as board:
            post_form(board.phone, scan="1")
            board.wait(lambda: board.phone.get("/wifi").json["networks"], "the scan")
            networks = board.phone.get("/wifi").json["networks"]
            assert [each["rssi"] for each in networks] == [-40 - n for n in range(12)]


PINS = [{"pin": 4, "mode": "out"}]
at_home = board_with(PINS=PINS, WIFI=WIFI)
with_password = board_with(PINS=PINS, WIFI=WIFI, PASSWORD="open sesame")

REFUSED: list[tuple[object, int, str]] = [
    ({}, 400, "missing"),
    ([], 400, "bad_json"),
    ({"ssid": ""}, 400, "bad_ssid"),
    ({"ssid": "n" * 33}, 400, "bad_ssid"),
    ({"ssid": "☃" * 11}, 400, "bad_ssid"),
    ({"ssid": "nul\0"}, 400, "bad_ssid"),
    ({"ssid": 5}, 400, "not_text"),
    ({"ssid": "x", "password": "1234567"}, 400, "bad_wifi_password"),
    ({"ssid": "x", "password": "p" * 64}, 400, "bad_wifi_password"),
    ({"ssid": "x", "password": None}, 400, "not_text"),
    ({"ssid": "x", "forget": "x"}, 400, "bad_wifi"),
    ({"password": "12345678"}, 400, "bad_wifi"),
    ({"scan": False}, 400, "bad_wifi"),
    ({"ssid": "x", "colour": "red"}, 400, "unknown_parameter"),
    ({"forget": "nobody's"}, 404, "no_such_network"),
    ({"forget": "home"}, 409, "wifi_in_config"),
]


class TestRefusals:
    @pytest.mark.parametrize(
        ("asked", "status", "code"), REFUSED, ids=lambda value: str(value)[:40]
    )
    def test_nothing_is_saved(self, at_home: Board, asked: object, status: int, code: str) -> None:
        before = at_home.control(flash=None)["flash"]
        answer = at_home.phone.ask("POST", "/wifi", json.dumps(asked).encode(), JSON)
        assert (answer.status, answer.error["code"]) == (status, code)
        assert at_home.control(flash=None)["flash"] == before
        assert at_home.phone.get("/wifi").json["asked"] is None

    def test_forms_too(self, at_home: Board) -> None:
        for form, code in (
            ("ssid=x&ssid=y", "repeated"),
            ("ssid=%ff", "bad_encoding"),
            ("ssid", "missing_value"),
            ("ssid=x&password=short", "bad_wifi_password"),
        ):
            answer = at_home.phone.post("/wifi", form)
            assert (answer.status, answer.error["code"]) == (400, code)

    def test_from_the_stations_side_only_with_a_password_that_is_set(self, at_home: Board) -> None:
        assert at_home.client.get("/wifi").status == 200
        answer = post(at_home.client, scan=True)
        assert (answer.status, answer.error["code"]) == (403, "not_from_here")

    def test_with_the_password_from_both_sides(self, with_password: Board) -> None:
        bearer = {"Authorization": "Bearer open sesame"}
        for client in (with_password.client, with_password.phone):
            assert post(client, scan=True).status == 401
            assert client.get("/wifi").status == 401
            allowed = Client(client.url, bearer)
            assert post(allowed, scan=True).status == 200

    def test_where_both_subnets_are_one_nobody_is_on_the_access_points_side(self) -> None:
        with Scene(routers=[HOME | {"network": "192.168.4"}], WIFI=WIFI) as board:
            board.wait_state("up", "home")
            assert post(board.phone, scan=True).error["code"] == "not_from_here"

    def test_from_a_foreign_page(self, at_home: Board) -> None:
        page = {"Origin": "http://evil.example"}
        answer = at_home.phone.ask("POST", "/wifi", b'{"scan": true}', JSON | page)
        assert (answer.status, answer.error["code"]) == (403, "foreign_page")

    def test_no_more_than_it_can_keep(self) -> None:
        with Scene(routers=[]) as board:
            for number in range(6):
                assert post(board.phone, ssid=f"net {number}", password="12345678").status == 200
            answer = post(board.phone, ssid="one more", password="12345678")
            assert (answer.status, answer.error["code"]) == (409, "wifi_full")
            assert len(known(board)) == 6


def test_no_answer_and_no_log_line_has_a_password() -> None:
    secret = "never to be shown"
    with Scene(routers=[HOME], WIFI=WIFI) as board:
        shown = post(board.phone, ssid="shed", password=secret).body
        wait_outcome(board, "shed", "not found")
        for path in ("/wifi", "/status", "/log"):
            shown += board.phone.get(path).body
        assert secret.encode() not in shown
        assert b"home password" not in shown
        assert not any(secret in line for line in board.lines)


def test_a_form_of_a_browser_leads_back_to_the_page() -> None:
    with Scene(routers=[HOME]) as board:
        phone = board.phone.asking(accept="text/html,application/xhtml+xml")
        answer = phone.post("/wifi", "ssid=home&password=home+password")
        assert (answer.status, answer.header("Location")) == (303, "/#net")
        wait_outcome(board, "home", "up")


def test_where_a_form_leads_to_has_no_password() -> None:
    with Scene(routers=[], PASSWORD="sesame") as board:
        browser = board.phone.asking(accept="text/html")
        answer = browser.post("/wifi?token=sesame", "ssid=home&password=home+password")
        assert (answer.status, answer.header("Location")) == (303, "/#net")
