"""Under which names the board may be called: any other may be a rebinding attack."""

from picopin import Refusal, cold

_LOCAL = b" local lan home home.arpa fritz.box localdomain "


def check(req, host, settings):
    """Refuse a Host that is not this board's; return an answer that leads a phone to its page."""
    try:
        check_host(host, settings)
    except Refusal as e:
        return cold("portal").foreign(req, settings, e)


def check_host(host, settings):
    """Refuse a Host header (bytes) that is no name or address of this board."""
    name = _name(host.lower())
    own = settings.HOSTNAME.encode()
    if _is_address(name) or name == b"localhost" or name == own:
        return
    for known in settings.HOSTS:
        if name == known.encode():
            return
    if not (name.startswith(own + b".") and _is_local(name[len(own) + 1 :])):
        raise Refusal("foreign_host")


def _is_local(domain):
    return domain.find(b" ") < 0 and _LOCAL.find(b" %s " % domain) >= 0


def _name(host):
    """b"board.local.:8080" -> b"board.local"."""
    if host[:1] == b"[":
        return host[: host.find(b"]") + 1]
    at = host.find(b":")
    name = host if at < 0 else host[:at]
    return name[:-1] if name[-1:] == b"." else name


def _is_address(name):
    """Return True for an IPv4 address, or an IPv6 one in brackets."""
    if name[:1] == b"[":
        return True
    parts = digits = value = 0
    for c in name:
        if 48 <= c <= 57:
            digits += 1
            value = value * 10 + c - 48
            if digits > 3 or value > 255:
                return False
        elif c == 46 and digits:
            parts += 1
            digits = value = 0
        else:
            return False
    return parts == 3 and digits > 0
