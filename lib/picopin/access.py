"""Who may: the quick half, asked at every request.  The rest: cold.hosts, guard, source."""

from picopin import Refusal, cold
from picopin.request import Request

settings = None  # set by api


def check_host(req):
    """Refuse a Host that is not this board's: it may be a rebinding attack.

    Returns an answer for who is on the board's own network and must be led to its page.
    """
    host = req.headers.get(b"Host")
    if host is not req.known_host and host:
        try:
            cold("hosts").check_host(host, settings)
        except Refusal as e:
            return cold("portal").foreign(req, settings, e)
        Request.known_host = host  # the next ones need no look


def check_password(req, token):
    """Refuse who does not bring config.PASSWORD, where one is set.

    token: the query's `token`, or None: then the Authorization header counts.
    """
    if settings.PASSWORD is not None:
        cold("guard").check_password(req, token, settings.PASSWORD)


def check_change(req):
    """Refuse what would change something but was not meant by the owner."""
    headers = req.headers
    if req.marked:
        cold("source").check_source(headers)
    if req.method in ("GET", "HEAD") and (
        not settings.CHANGE_BY_GET or headers.get(b"Accept", b"")[:6].lower() == b"image/"
    ):
        cold("source").refuse_get(settings)
