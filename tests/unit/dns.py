"""picopin.cold.dns: answers to captured and to broken queries."""

from harness import equal, run

from picopin import cold

answer = cold("dns").answer
IP = b"\xc0\xa8\x04\x01"
ID = b"\x12\x34"
# id, flags RD, 1 question; "a.example", A, IN
HEAD = ID + b"\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00"
NAME = b"\x01a\x07example\x00"
A_IN = b"\x00\x01\x00\x01"


def query(name=NAME, tail=A_IN, head=HEAD, more=b""):
    return answer(head + name + tail + more, IP)


def rcode(packet):
    return packet[3] & 15


def counts(packet):
    return tuple(packet[at] * 256 + packet[at + 1] for at in (4, 6, 8, 10))


def test_a_name_is_the_board():
    got = query()
    # answer, authoritative, recursion desired and available; pointer to the name; 4 bytes
    equal(got[:4], ID + b"\x85\x80")
    equal(counts(got), (1, 1, 0, 0))
    equal(got[12:], NAME + A_IN + b"\xc0\x0c\x00\x01\x00\x01\x00\x00\x00\x0a\x00\x04" + IP)


def test_other_kinds_are_empty():
    for kind in (b"\x00\x1c", b"\x00\x0f", b"\x00\x41", b"\x00\x06"):  # AAAA MX HTTPS SOA
        got = query(tail=kind + b"\x00\x01")
        equal((rcode(got), counts(got)), (0, (1, 0, 0, 0)), kind)
    equal(counts(query(tail=b"\x00\xff\x00\x01")), (1, 1, 0, 0))  # ANY


def test_other_classes_are_refused():
    equal(rcode(query(tail=b"\x00\x01\x00\x03")), 5)  # CHAOS


def test_edns_is_answered_in_kind():
    opt = b"\x00\x00\x29\x10\x00\x00\x00\x80\x00\x00\x00"  # 4096 bytes, DO
    got = query(head=HEAD[:11] + b"\x01", more=opt)
    equal(counts(got), (1, 1, 0, 1))
    equal(got[-11:], b"\x00\x00\x29\x02\x00\x00\x00\x80\x00\x00\x00")


def test_a_later_edns_is_told_so():
    opt = b"\x00\x00\x29\x10\x00\x00\x01\x00\x00\x00\x00"
    got = query(head=HEAD[:11] + b"\x01", more=opt)
    equal((rcode(got), counts(got)), (0, (1, 0, 0, 1)))
    equal(got[-11:], b"\x00\x00\x29\x02\x00\x01\x00\x00\x00\x00\x00")  # BADVERS is 16


def test_what_is_no_query_gets_no_answer():
    for packet in (b"", b"x", HEAD[:11], HEAD[:2] + b"\x81" + HEAD[3:] + NAME + A_IN):
        equal(answer(packet, IP), None, packet)


def test_broken_names_are_format_errors():
    for name in (
        b"",
        b"\x05abc",
        b"\x40" + b"a" * 64 + b"\x00",
        b"\x80\x00",
        b"\xc0\x0c",  # points at itself
        b"\x01a\xc0\x0c",
        (b"\x3f" + b"a" * 63) * 4 + b"\x00",  # 257 bytes
        b"\xff" * 40,
    ):
        got = query(name)
        equal((rcode(got), counts(got)), (1, (0, 0, 0, 0)), name)


def test_the_longest_name():
    name = (b"\x3f" + b"a" * 63) * 3 + b"\x3d" + b"a" * 61 + b"\x00"
    equal((len(name), counts(query(name))), (255, (1, 1, 0, 0)))


def test_broken_counts_and_records_are_format_errors():
    for head, more in (
        (HEAD[:5] + b"\x02" + HEAD[6:], b""),
        (HEAD[:5] + b"\x00" + HEAD[6:], b""),
        (HEAD[:11] + b"\x01", b""),
        (HEAD[:10] + b"\xff\xff", b"\x00\x00\x29" + bytes(8)),
        (HEAD[:11] + b"\x01", b"\x00\x00\x29\x10\x00\x00\x00\x00\x00\x00\x05"),
        (HEAD[:11] + b"\x02", (b"\x00\x00\x29" + bytes(8)) * 2),
        (HEAD[:11] + b"\x01", b"\x01a\x00\x00\x29" + bytes(8)),
    ):
        equal(rcode(query(head=head, more=more)), 1, head + more)


def test_other_kinds_of_query_are_not_implemented():
    for opcode in (1, 2, 4, 5):
        got = query(head=ID + bytes((opcode << 3,)) + HEAD[3:])
        equal((rcode(got), got[2] >> 3 & 15), (4, opcode))


run(globals())
