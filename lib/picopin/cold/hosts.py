"""Under which names the board may be called: any other may be a rebinding attack."""

from picopin.errors import Refusal

_LOCAL = ("local", "lan", "home", "home.arpa", "fritz.box", "localdomain")


def check_host(host, settings):
    """Refuse a Host header (bytes) that is no name or address of this board."""
    name = _name(host)
    own = settings.HOSTNAME
    if (
        _is_address(name)
        or name in ("localhost", own)
        or name in settings.HOSTS
        or (name[: len(own) + 1] == own + "." and name[len(own) + 1 :] in _LOCAL)
    ):
        return
    raise Refusal("foreign_host")


def _name(host):
    """b"Board.local:8080" -> "board.local"."""
    try:
        name = host.decode().lower()
    except UnicodeError:
        return ""
    if name[:1] == "[":
        return name[: name.find("]") + 1]
    at = name.find(":")
    name = name if at < 0 else name[:at]
    return name[:-1] if name[-1:] == "." else name


def _is_address(name):
    """Return True for an IPv4 address, or an IPv6 one in brackets."""
    if name[:1] == "[":
        return True
    parts = name.split(".")
    return len(parts) == 4 and all(p.isdigit() and len(p) < 4 and int(p) < 256 for p in parts)
