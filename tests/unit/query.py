"""picopin.query and cold.query: strings of parameters to dicts, strictly."""

from harness import equal, refusal, run

from picopin import cold, query

thorough = cold("query")
parse, unquote, only = thorough.parse, thorough.unquote, thorough.only


def test_pairs():
    for text, wanted in (
        ("", {}),
        ("&", {}),
        ("&&&", {}),
        ("a=1", {"a": "1"}),
        ("a=", {"a": ""}),
        ("a==", {"a": "="}),
        ("a=b=c", {"a": "b=c"}),
        ("a=1&b=2", {"a": "1", "b": "2"}),
        ("&a=1&&b=2&", {"a": "1", "b": "2"}),
        ("a=1;b=2", {"a": "1;b=2"}),
        ("a=?/:@", {"a": "?/:@"}),
        ("A=1&a=2", {"A": "1", "a": "2"}),
    ):
        equal(parse(text), wanted, text)


def test_decoding():
    for text, wanted in (
        ("a+b", "a b"),
        ("a%20b", "a b"),
        ("a%2Bb", "a+b"),
        ("a%2bb", "a+b"),
        ("%26%3D%25", "&=%"),
        ("%2525", "%25"),
        ("+%2B+", " + "),
        ("%C3%BC", "\u00fc"),
        ("%E2%82%AC", "\u20ac"),
        ("%F0%9F%98%80", "\U0001f600"),
        ("x%00y", "x\0y"),
        ("\u00fc", "\u00fc"),
        ("%61%62%63", "abc"),
    ):
        equal(unquote(text), wanted, text)


def test_names_are_decoded_too():
    equal(parse("st%61te=on"), {"state": "on"})
    equal(parse("a+b=1"), {"a b": "1"})
    equal(parse("%26=%3d"), {"&": "="})


UNDECODABLE = """
% %z %zz %4 a% a%4 %g0 %0g %%41 %+1 %-1 %C3 %C3x %FF %80 %E2%82 %F0%9F%98 %C3%C3 %U0041 %0x
"""


def test_what_cannot_be_decoded():
    for text in UNDECODABLE.split() + ["% 41"]:
        equal(refusal(unquote, text, "p"), ("bad_encoding", "p"), text)
        equal(refusal(parse, "a=" + text), ("bad_encoding", "a"), text)


def test_what_is_refused():
    for text, wanted in (
        ("a", ("missing_value", "a")),
        ("a=1&b", ("missing_value", "b")),
        ("%61", ("missing_value", "a")),
        ("=1", ("bad_query", None)),
        ("=", ("bad_query", None)),
        ("a=1&=2", ("bad_query", None)),
        ("a=1&a=2", ("repeated", "a")),
        ("a=1&a=1", ("repeated", "a")),
        ("a=&a=", ("repeated", "a")),
        ("a=1&%61=2", ("repeated", "a")),
        ("%zz=1", ("bad_encoding", None)),
    ):
        equal(refusal(parse, text), wanted, text)


def test_a_name_that_an_answer_repeats_is_cut():
    code, param = refusal(parse, "x" * 500)
    equal((code, len(param) <= 32), ("missing_value", True))


QUERIES = """\
 pin=2 pin=2&state=on state=on&pin=led&for=0.5 pin= pin=a=b token=x &pin=2&&state=on& pin=2&pin=3
 pin pin&state=on =2 colour=red pin=%32 p%69n=2 pin=a+b pin=%zz pin=\u00fc Pin=2 pin=2& & pin=\0\
"""


def test_the_quick_way_gives_the_same():
    """What the board asks first takes plain pairs by itself, and hands on all others."""
    for text in QUERIES.replace("\n", "").split(" "):
        equal(outcome(query.parse, text.encode()), outcome(thorough.parse_bytes, text.encode()))


def test_bytes_that_are_no_utf_8():
    for qs in (b"pin=\xff", b"\xff=2", b"pin=2&x=\xc3"):
        code = refusal(query.parse, qs)
        assert code is None or code[0] == "bad_encoding", qs
        equal(refusal(thorough.parse_bytes, qs), ("bad_encoding", None), qs)


def outcome(function, text):
    """What it returns, or what it refuses with."""
    return refusal(function, text) or function(text)


def test_only():
    equal(refusal(only, {"a": 1}, ("a", "b")), None)
    equal(refusal(only, {}, ("a",)), None)
    equal(refusal(only, {"a": 1, "c": 2}, ("a", "b")), ("unknown_parameter", "c"))


run(globals())
