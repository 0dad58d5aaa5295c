"""picopin.wire: what stands in it and in static/errors.txt."""

import json

from harness import equal, run

from picopin import Refusal, cold
from picopin.wire import NO_MEMORY, Response


def test_the_answer_for_want_of_memory_is_the_one_of_the_table_of_errors():
    head, body = NO_MEMORY.split(b"\r\n\r\n")
    status, report, _ = cold("failure").report(Refusal("no_memory"))
    equal(json.loads(body), report)
    equal(int(head.split(b" ")[1]), status)
    assert b"\r\nContent-Length: %d\r\n" % len(body) in head, head


class Client:
    """A request with its answer, among those that a server has open."""

    def __init__(self, server):
        self.server = server
        self.resp = Response()
        self.resp.req = self
        server.open.append(self)


class Server:
    def __init__(self):
        self.open = []


def test_who_has_the_turn_keeps_it_when_memory_lacked_and_he_asks_again():
    """Whoever came before him waits meanwhile: both would else wait for each other for good."""
    server = Server()
    first, second = Client(server), Client(server)
    assert second.resp.take_turn()
    assert not first.resp.take_turn()
    assert second.resp.take_turn()
    Response.current = None  # it is done
    assert first.resp.take_turn()
    Response.current = None


def test_long_answers_come_in_the_order_of_their_asking():
    server = Server()
    clients = [Client(server) for _ in range(3)]
    equal([client.resp.take_turn() for client in clients], [True, False, False])
    Response.current = None
    equal([client.resp.take_turn() for client in clients[2:0:-1]], [False, True])
    Response.current = None


run(globals())
