"""The captive portal's name server against dnslib: good queries, broken ones, any bytes."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from dnslib import EDNS0, QTYPE, DNSError, DNSHeader, DNSLabel, DNSQuestion, DNSRecord
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.micropython import LIB

SCRIPT = Path(__file__).parent / "micropython/answer_queries.py"
ADDRESS = "192.168.4.1"
OPT = 41
DO = 0x8000  # in what EDNS makes of the TTL
FORMAT_ERROR, REFUSED = 1, 5
many = settings(max_examples=300, deadline=None, derandomize=True)


class Answerer:
    """A MicroPython that answers packets with the firmware's own code."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [str(Path(sys.executable).parent / "micropython"), str(SCRIPT)],
            env={"MICROPYPATH": os.pathsep.join([str(LIB), ".frozen"])},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def answer(self, packet: bytes) -> bytes | None:
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(f"{packet.hex()}\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline().strip()
        if line == "-":
            return None
        assert set(line) <= set("0123456789abcdef"), line + self._process.stdout.read()
        return bytes.fromhex(line)

    def stop(self) -> None:
        self._process.kill()
        self._process.wait()


@pytest.fixture(scope="module")
def server(built: None) -> Iterator[Answerer]:
    running = Answerer()
    yield running
    running.stop()


# dnslib reads labels that are UTF-8, and names of up to 253 bytes.
label = st.text(min_size=1, max_size=63).map(str.encode).filter(lambda part: len(part) <= 63)
labels = st.lists(label, max_size=8).filter(
    lambda parts: sum(len(part) + 1 for part in parts) <= 253
)
kinds = st.sampled_from([QTYPE.A, QTYPE.AAAA, QTYPE.ANY, QTYPE.MX, QTYPE.SOA, 65]) | st.integers(
    0, 0xFFFF
)


@st.composite
def queries(draw: st.DrawFn) -> DNSRecord:
    question = DNSQuestion(DNSLabel(draw(labels)), draw(kinds), draw(st.sampled_from([1, 1, 3])))
    header = DNSHeader(
        id=draw(st.integers(0, 0xFFFF)), q=1, bitmap=draw(st.sampled_from([0x0100, 0, 0x0110]))
    )
    query = DNSRecord(header, questions=[question])
    if draw(st.booleans()):
        size, version = draw(st.integers(0, 0xFFFF)), draw(st.sampled_from([0, 0, 0, 1, 255]))
        query.add_ar(EDNS0(flags=draw(st.sampled_from(["", "do"])), udp_len=size, version=version))
    return query


def asks_by_edns(record: DNSRecord) -> int | None:
    """The version of EDNS that a message speaks, None without it."""
    versions = [(rr.ttl >> 16) & 255 for rr in record.ar if rr.rtype == OPT]
    return versions[0] if versions else None


@many
@given(query=queries())
def test_good_queries(server: Answerer, query: DNSRecord) -> None:
    packet = server.answer(query.pack())
    assert packet is not None
    assert len(packet) <= 512
    check_answer(query, DNSRecord.parse(packet))


def check_answer(query: DNSRecord, reply: DNSRecord) -> None:
    assert reply.header.id == query.header.id
    assert (reply.header.qr, reply.header.aa, reply.header.tc) == (1, 1, 0)
    assert (reply.header.rd, reply.header.ra) == (query.header.rd, 1)
    assert reply.q == query.q
    assert reply.auth == []
    version = asks_by_edns(query)
    assert asks_by_edns(reply) == (None if version is None else 0)
    extended = reply.ar[0].ttl >> 24 if reply.ar else 0
    assert extended == (1 if version else 0)  # BADVERS is 16: its upper bits are here
    assert reply.header.rcode == (REFUSED if query.q.qclass != 1 and not version else 0)
    wanted = query.q.qtype in (QTYPE.A, QTYPE.ANY) and query.q.qclass == 1 and not version
    found = [(str(rr.rname), rr.rtype, rr.rclass, str(rr.rdata)) for rr in reply.rr]
    assert found == ([(str(query.q.qname), QTYPE.A, 1, ADDRESS)] if wanted else [])
    if version == 0:
        assert reply.ar[0].ttl & DO == query.ar[0].ttl & DO


@settings(many, max_examples=5)
@given(query=queries())
def test_every_truncation_of_a_query(server: Answerer, query: DNSRecord) -> None:
    """No header, no answer; a header alone, a format error."""
    whole = query.pack()
    assert all(server.answer(whole[:length]) is None for length in range(12))
    for length in range(12, len(whole)):
        packet = server.answer(whole[:length])
        assert packet is not None
        assert packet[3] & 15 == FORMAT_ERROR


@st.composite
def broken(draw: st.DrawFn) -> bytes:
    """A query with some of its bytes changed, or bytes that never were one."""
    if draw(st.booleans()):
        return draw(st.binary(max_size=512))
    packet = bytearray(draw(queries()).pack())
    for _ in range(draw(st.integers(1, 4))):
        packet[draw(st.integers(0, len(packet) - 1))] = draw(st.integers(0, 255))
    return bytes(packet)


@many
@given(asked=broken())
def test_any_bytes(server: Answerer, asked: bytes) -> None:
    """Silence, an error, or an answer whose question dnslib can read if it could the query's."""
    packet = server.answer(asked)
    if packet is None:
        assert len(asked) < 12 or asked[2] & 0x80
        return
    assert len(packet) <= len(asked) + 27  # nobody is flooded by way of the board
    assert packet[:2] == asked[:2]
    assert packet[2] & 0x80
    if packet[3] & 15 in (0, REFUSED):
        assert readable(packet) == readable(asked)
    else:
        assert len(packet) == 12


def readable(packet: bytes) -> bool:
    """dnslib takes the question; what is wrong with the data of a record is none of ours."""
    try:
        DNSRecord.parse(packet)
    except DNSError as error:
        return "DNSQuestion" not in str(error)
    return True
