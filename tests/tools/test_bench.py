"""The bench's own arithmetic, and that a server of it answers."""

import xml.etree.ElementTree as ET

import pytest

from tools import device_packages
from tools.bench import heap, load, plot, report, servers, speed
from tools.bench.chip import OnChip
from tools.bench.load import Sample
from tools.bench.profile import account
from tools.bench.report import Results
from tools.bench.speed import Speeds
from tools.chip.count import Cost

BROWSER = ("browser", 1)


def sample(rate: float) -> Sample:
    return Sample(1.0, [1 / rate] * int(rate))


@pytest.fixture
def results() -> Results:
    speeds = Speeds()
    for name, rates in {"picopin": (30, 40), "picoweb": (10, 10), "bare": (50, 40)}.items():
        for kind, clients in speed.LOADS:
            speeds.samples[name][kind, clients] = [sample(rate) for rate in rates]
    made = Results(speeds)
    made.heap = {"picopin": {"ROMFS 5 browsers": 38_000}, "microdot": {"ROMFS 5 browsers": None}}
    made.instructions = {
        "picopin": {"curl": 300, "browser": 320},
        "bare": {"curl": 190, "browser": 200},
    }
    costs = {"picopin": 450_000, "bare": 250_000, "chumicro": 990_000}
    made.chip = {name: OnChip({"browser": Cost([70_000], all_)}) for name, all_ in costs.items()}
    made.chip["picopin"].heap = {"starts": 25_000, "five browsers": 35_000}
    made.chip["microdot"] = OnChip(heap={"five browsers": None}, fails="MemoryError")
    made.notes = {"microdot": "MemoryError"}
    return made


def test_ratios_are_of_the_same_round(results: Results) -> None:
    """The median of 30/10 and 40/10, whatever the machine did between the rounds."""
    assert results.speeds.ratio("picopin", "picoweb", BROWSER) == 3.5
    assert results.speeds.ratio("picopin", "bare", BROWSER) == pytest.approx(0.8)
    assert results.speeds.ratio("nobody", "picoweb", BROWSER) is None


def test_percentiles_are_milliseconds(results: Results) -> None:
    assert results.speeds.percentile("picoweb", BROWSER, 50) == pytest.approx(100)
    assert results.speeds.percentile("nobody", BROWSER, 99) is None


def test_the_tables_say_what_could_not_be_measured(results: Results) -> None:
    printed = report.tables(results)
    assert "38,000" in printed
    assert "does not run" in printed
    assert "microdot: MemoryError" in printed
    assert "1.60" in printed  # of the floor's instructions


def test_the_table_of_the_chip(results: Results) -> None:
    lines = report.tables(results).splitlines()
    at = next(n for n, line in enumerate(lines) if line.startswith("on the chip's own processor"))
    rows = {line[:7]: line.split() for line in lines[at + 2 : at + 7]}
    assert rows["Picopin"][-7:] == ["-", "450,000", "1.80", "-", "70,000", "25,000", "35,000"]
    assert rows["chumicr"][-7:] == ["-", "-", "-", "-", "70,000", "-", "-"]  # it never sleeps
    assert rows["microdo"][2:5] == ["does", "not", "fit"]
    assert rows["microdo"][-2:] == ["in", "none"]
    assert "heap on the chip, five browsers" in report.tables(results)


def test_the_plot_is_xml_with_a_bar_for_each(results: Results) -> None:
    root = ET.fromstring(plot.draw(results))
    bars = root.findall(".//{http://www.w3.org/2000/svg}rect")
    assert len(bars) == 2 * len(servers.SERVERS)
    assert plot.draw(results) == plot.draw(results)


@pytest.mark.parametrize("least", [heap.LEAST + 1, 30_000, heap.MOST])
def test_the_least_heap_is_found(least: int) -> None:
    found = heap.bisect(lambda size: size >= least, heap.STEP)
    assert found is not None
    assert least <= found < least + heap.STEP


def test_no_heap_is_enough() -> None:
    assert heap.bisect(lambda _: False, heap.STEP) is None


def test_what_marks_cost_is_taken_off() -> None:
    """A request of 1,000 that calls a function of 200, each mark costing 10 and a call 50."""
    marks = ["+request", "+f", "-f", "-request", "+marks", "-marks", "+call", "-call"]
    marks += ["+wrapped", "+nothing", "-nothing", "-wrapped"]
    counts = [0, 410, 210 + 50, 650, 0, 10, 0, 60, 0, 40, 60, 30]
    profile = account(marks, counts)
    assert {name: cost.calls for name, cost in profile.functions.items()} == {"f": 1, "request": 1}
    assert profile.functions["f"].own == 250
    assert profile.functions["request"].own == 410 + 650 - 10 - 60


def test_peers_are_pinned() -> None:
    for package in device_packages.read_table(servers.PEERS):
        assert len(package.sha256) == 64
        assert package.version


def test_an_answer_is_good_when_it_says_what_was_asked() -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 25\r\n\r\n"
    assert load.good(head + b'{"pin": 2, "state": "on"}')
    assert not load.good(head + b'{"pin": 2, "state": "off"}')
    assert not load.good(b"HTTP/1.1 503 X\r\n\r\n" + b'{"state": "on"}')
    assert not load.good(b"")


def test_the_firmware_serves_in_the_bench(built: None) -> None:
    picopin = servers.BY_NAME["picopin"]
    servers.prepare(chosen=[picopin])
    with servers.running(servers.Run(picopin)) as started:
        assert load.browsers_at_once(started.port)
        assert load.one_by_one(started.port, load.CURL, 5).failed == 0
        assert load.Crowd(started.port, load.BROWSER, 4).run(8).failed == 0
