"""The supervisor: joins the strongest known network, and leaves the air when none answers.

A station that hunts takes the one radio to all channels, and the access point
is deaf meanwhile: so between two rounds of tries it is off the air.  What is
remembered from one act to the next is in picopin.net.
"""

from micropython import const

from picopin import cold, net
from picopin.net import ap, log, sta

# net.phase.  What ends each, and what comes then, is in turn().
_WAIT = const(0)  # off the air, or nothing to join
_TRY = const(1)  # joining; also while the chip by itself rejoins what it lost
_HOLD = const(2)  # there is an address; it must stay
_UP = const(3)

_CONNECTING = const(1)  # network.STAT_CONNECTING; without DHCP it stays so
_GOT_IP = const(5)
_WHY = {_CONNECTING: "no address", 2: "wrong password", 3: "not found", 4: "failed"}
_FOREVER = const(0x3FFFFFFF)
_PATIENCE = const(-10)  # seconds over time that a scan waits for requests in flight
_HOLD_S = const(5)  # a link counts as up only after it held so long
_TRY_S = const(15)  # for one try to join
_VERDICT_S = const(3)  # how long a failure must stand: the chip tries again by itself
_BACKOFF_S = const(30)  # off the air between two rounds of tries; grows to twice that
_LOOK_S = const(30)  # between two looks at a link that is up


def second(app, status):
    """Act: the station's status has changed, net.left is over, or a scan is wanted.

    Returns True where the scan is due, which is then the caller's to do.
    """
    _serve_portal()
    if net.wants_scan and net.phase != _TRY and not app.open:
        net.wants_scan = False
        return True
    if net.phase == _TRY:
        _trying(app, status)
    elif net.phase == _WAIT:
        if net.left <= 0:
            _next(app) if net.queue else _choose(app)
    elif status != _GOT_IP:
        _be("lost")
        _enter(_TRY, _TRY_S)
    elif net.left <= 0:
        _watch(app) if net.phase == _UP else _up()


def ask(ssid, key):
    """Join this network next: somebody asked for it."""
    net.asked = ssid, "joining"
    net.queue = [(ssid, key, False)]
    _enter(_WAIT, 2)  # for the answer to leave before the radio changes its channel


def leave():
    """Leave the network: it was forgotten."""
    net.queue = ()
    cold("link").leave()
    _enter(_WAIT, 1)


def _enter(phase, seconds):
    net.phase = phase
    net.left = seconds


def _be(state):
    """Note a new state for /status; what tells the owner something goes to the log, once."""
    if state != net.state:
        net.state = state
        if state == "up":
            log.info("station %s at %s", net.ssid, sta.ifconfig()[0])
        elif state != "joining" and not net.rounds:
            log.info("station %s: %s", net.ssid, state)


# -- choosing


def _choose(app):
    """Begin a round: what is to be tried goes to net.queue."""
    known = cold("saved").known(app.settings)
    if not known or app.settings.trouble:
        _be_idle()
        return
    if not sta.active():
        sta.active(True)
    if len({entry[0] for entry in known}) > 1:
        if app.open and net.left > _PATIENCE:
            return  # a scan stops everything for two seconds: not in the middle of an answer
        net.ssid = net.ssid or known[0][0]
        known = cold("scan").by_strength(app, known)
    net.queue = known
    if known:
        _next(app)
    else:
        _be("not found")
        _give_up(app)


def _be_idle():
    if sta.active():
        sta.active(False)
    net.ssid = None
    net.state = "idle"
    _enter(_WAIT, _FOREVER)


def _next(app):
    """Try the first network of the queue."""
    ssid, key, _ = net.queue[0]
    if not sta.active():
        sta.active(True)
    if net.ssid != ssid or net.state not in _WHY.values():
        net.ssid = ssid
        _be("joining")  # else the reason why it failed stays to be read
    _enter(_TRY, _TRY_S)
    try:
        sta.connect(ssid, key)  # the SDK writes it to flash only where it differs
    except OSError as e:
        log.warning("station %s: %s", ssid, e)
        _failed(app, "failed")


# -- one try


def _trying(app, status):
    if status == _GOT_IP:
        _enter(_HOLD, _HOLD_S)
    elif net.left <= 0:
        _failed(app, _WHY.get(status, "failed"))
    elif status > _CONNECTING:
        # Somebody uses the access point: it must not be deaf for longer than it takes.
        net.left = min(net.left, 1 if ap.isconnected() else _VERDICT_S)


def _failed(app, why):
    """A network could not be joined: on to the next one, or off the air."""
    ssid = net.ssid
    cold("link").leave()
    if why != "not found":
        _note_trouble(ssid, why)
    _be(why)
    if net.queue:
        _, key, worked = net.queue[0]
        net.queue = net.queue[1:]
        if why == "wrong password" and not worked:
            cold("saved").drop(ssid, key)
    if _answer_asker(why) or net.queue:
        _enter(_WAIT, 1)  # after what somebody asked for, what has worked before
    else:
        _give_up(app)


def _note_trouble(ssid, why):
    """Remember that a network is there and cannot be used: the others come first."""
    net.troubles = net.troubles or {}
    net.troubles[ssid] = why


def _answer_asker(outcome):
    """Note what became of the network that somebody asked for; True if it was this one."""
    if net.asked != (net.ssid, "joining"):
        return False
    net.asked = net.ssid, outcome
    return True


def _give_up(app):
    """No network in this round: back off, longer from round to round."""
    net.rounds += 1
    _enter(_WAIT, min(_BACKOFF_S * (net.rounds + 1) // 2, _BACKOFF_S * 2))
    if app.settings.AP == "fallback" and not ap.active():
        cold("bringup").start_ap(app.settings)
        _serve_portal()


# -- joined


def _up():
    """The link has held."""
    if net.troubles:
        net.troubles.pop(net.ssid, None)
    if net.queue:
        ssid, key, worked = net.queue[0]
        if not worked:
            cold("saved").prove(ssid, key)
        net.queue = ()
    _be("up")
    _answer_asker("up")
    net.misses = None
    _enter(_UP, _LOOK_S)


def _watch(app):
    """Look at a link that is up, and at an access point that may be needed no more."""
    net.rounds = 0
    if cold("gateway").is_dead(_LOOK_S):
        _note_trouble(net.ssid, "no answer")
        _be("lost")
        cold("link").leave()
        _enter(_WAIT, 1)
    elif _is_spare(app.settings):
        ap.active(False)
        _serve_portal()


def _is_spare(settings):
    """Return True for an access point that nobody needs now; never while a phone is using it."""
    fallback = settings.AP == "fallback" and settings.AP_PASSWORD is not None
    return fallback and ap.active() and not ap.isconnected()


def _serve_portal():
    """The captive portal's name server runs just while the access point does."""
    active = ap.active()
    if active and net.portal is None:
        net.portal = cold("portal").start()
    elif net.portal is not None and not active:
        net.portal.cancel()
        net.portal = None
