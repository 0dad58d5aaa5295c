"""picopin.wire: what stands in it and in static/errors.txt."""

import json

from harness import equal, run

from picopin import Refusal, cold
from picopin.wire import NO_MEMORY


def test_the_answer_for_want_of_memory_is_the_one_of_the_table_of_errors():
    head, body = NO_MEMORY.split(b"\r\n\r\n")
    status, report, _ = cold("failure").report(Refusal("no_memory"))
    equal(json.loads(body), report)
    equal(int(head.split(b" ")[1]), status)
    assert b"\r\nContent-Length: %d\r\n" % len(body) in head, head


run(globals())
