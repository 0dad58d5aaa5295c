"""picopin.cold.guard, source and hosts: who may."""

import binascii

from harness import equal, refusal, run

from picopin import Refusal, cold

guard = cold("guard")
pages = cold("source")
hosts = cold("hosts")


class Settings:
    HOSTNAME = "shed-1"
    HOSTS = ["relay.example.org"]
    CHANGE_BY_GET = True


class Req:
    def __init__(self, **headers):
        self.headers = {}
        for name in headers:
            self.headers["-".join(w[0].upper() + w[1:] for w in name.split("_")).encode()] = (
                headers[name]
            )


def basic(text):
    return b"Basic " + binascii.b2a_base64(text.encode()).strip()


HOSTS = b"""
127.0.0.1 192.168.4.1:80 255.255.255.255 0.0.0.0 [::1] [::1]:80 localhost LOCALHOST:1
shed-1 Shed-1:80 shed-1. shed-1.local shed-1.local. shed-1.lan shed-1.home shed-1.home.arpa
shed-1.fritz.box shed-1.localdomain:8080 relay.example.org:80
"""
FOREIGN_HOSTS = b"""
evil.example local .local . :80 shed-2 shed-1.example shed-1.local.evil.example evil.local
shed-1evil.local xshed-1.local 256.0.0.1 1.2.3 1.2.3.4.5 1.2.3.4x 1..2.3 0001.2.3.4 1.2.3.-4
example.org relay.example.org.evil shed-1..local shed-1.local.local
"""


def test_hosts_of_the_board():
    for host in HOSTS.split():
        equal(refusal(hosts.check_host, host, Settings), None, host)


def test_hosts_that_are_not():
    for host in FOREIGN_HOSTS.split():
        equal(refusal(hosts.check_host, host, Settings), ("foreign_host", None), host)


def test_passwords():
    good = "s\u00e9same & more"
    for req, token in (
        (Req(), good.encode()),
        (Req(Authorization=basic(":" + good)), None),
        (Req(Authorization=basic("any body:" + good)), None),
        (Req(Authorization=b"Bearer " + good.encode()), None),
        (Req(Authorization=b"bearer  " + good.encode()), None),
    ):
        equal(refusal(guard.check_password, req, token, good), None)
    equal(refusal(guard.check_password, Req(Authorization=basic("u:a:b")), None, "a:b"), None)


def test_wrong_passwords():
    refused = ("unauthorized", None)
    for token in (None, b"", b"x", b"secre", b"secrets", b"Secret", b"secret\0"):
        equal(refusal(guard.check_password, Req(), token, "secret"), refused, token)
    headers = [basic(text) for text in ("secret", "secret:", ":", ":x", "")]
    headers += [b"", b"Basic", b"Basic ", b"Basic !!!!", b"Basic " + b"A" * 401]
    headers += [b"secret", b"Bearer", b"Digest secret"]
    for header in headers:
        req = Req(Authorization=header)
        equal(refusal(guard.check_password, req, None, "secret"), refused, header)


def test_a_guess_has_its_price():
    """A wrong password is returned, to be answered later; who brings none hears it at once."""
    equal(guard.check_password(Req(), b"x", "secret").delay, 1000)
    try:
        guard.check_password(Req(), None, "secret")
    except Refusal as e:
        equal(e.delay, 0)
    else:
        equal("taken in", "refused")


def test_nobody_gets_in_where_the_password_is_unusable():
    for token in (None, b"", b"False", b"None"):
        equal(refusal(guard.check_password, Req(), token, False), ("unauthorized", None))


def test_sources():
    host = b"Shed-1.local:81"
    for source, wanted in (
        (b"http://shed-1.local:81", None),
        (b"http://SHED-1.LOCAL:81/a?b", None),
        (b"https://shed-1.local:81", None),
        (b"http://shed-1.local", "foreign_page"),
        (b"http://shed-1.local:80", "foreign_page"),
        (b"http://evil.example", "foreign_page"),
        (b"http://shed-1.local:81.evil.example", "foreign_page"),
        (b"http://x@shed-1.local:81/", "foreign_page"),
        (b"null", "foreign_page"),
        (b"shed-1.local:81", "foreign_page"),
    ):
        for name in ("Origin", "Referer"):
            got = refusal(pages.check_source, Req(Host=host, **{name: source}).headers)
            equal(got and got[0], wanted, source)


def test_prefetches():
    for headers in (
        Req(Sec_Purpose=b"prefetch"),
        Req(Sec_Purpose=b"prefetch;prerender"),
        Req(Purpose=b"Prefetch"),
        Req(X_Moz=b"prefetch"),
    ):
        equal(refusal(pages.check_source, headers.headers), ("prefetch", None), headers.headers)
    equal(refusal(pages.check_source, Req(Purpose=b"preview").headers), None)


run(globals())
