"""An owner's routes, crashes in them, starts that fail, and safe mode."""

from __future__ import annotations

from tools.chip.scenes.api import PINS
from tools.chip.scenes.asking import HTML, Ask, scenes
from tools.chip.scenes.stage import Scene, Setting, Stage, expect

_MAIN = """
@app.route("/hello")
def hello(req, resp):
    return {"hello": "world"}

@app.route("/mine")
def mine(req, resp):
    import picoweb
    req.parse_qs()
    yield from picoweb.jsonify(resp, {"who": req.form["who"]})

@app.route("/sorry")
def sorry(req, resp):
    import picoweb
    from utemplate.compiled import Loader
    app.template_loader = Loader("picopin", "templates")
    yield from picoweb.start_response(resp)
    yield from app.render_template(resp, "sorry.tpl", ("hello",))
"""
_CRASHES = """
@app.route("/crash")
def crash(req, resp):
    raise ValueError("on purpose")

@app.route("/crash/later")
async def crash_later(req, resp):
    return {}["no such key"]
"""
_FAILS = """
if not current.trouble:
    raise ValueError("this start fails")
"""


def _log(stage: Stage) -> None:
    expect(b"Traceback" in stage.get("/log"), True, "a traceback in /log")


OWNER = Setting(
    "an owner's routes",
    [
        *scenes(
            Ask("GET /hello"),
            Ask("GET /mine?who=me", note="picoweb.jsonify"),
            Ask("GET /sorry", note="a template"),
        ),
    ],
    {"PINS": PINS},
    main=_MAIN,
)  # fmt: skip
CRASHES = Setting(
    "crashes in an owner's routes",
    [
        *scenes(
            Ask("GET /crash", 500),
            Ask("GET /crash/later", 500),
        ),
        Scene("GET /log after a crash", _log),
        *scenes(Ask("GET /status", note="after a crash")),
    ],
    {"PINS": PINS},
    main=_CRASHES,
)


def _three_starts(stage: Stage) -> None:
    stage.wait_entry(4, event="boot")
    stage.wait_served()


def _leave(stage: Stage) -> None:
    """The mistake is still there: three starts later it is in safe mode again."""
    expect(stage.ask("POST /restart", b"").status, 200, "POST /restart")


def _trouble(stage: Stage) -> None:
    told = stage.get("/status")
    expect(b"3 starts in a row failed" in told, True, "the trouble")
    expect(b"this start fails" in told, True, "its traceback")


SAFE = Setting(
    "safe mode",
    [
        Scene("main.py fails, three starts", _three_starts, restarts=3, fresh=True),
        Scene("GET /status in safe mode", _trouble),
        *scenes(
            Ask("GET /", headers=HTML, note="page, safe mode"),
            Ask("GET /log", note="safe mode"),
            Ask("GET /wifi", note="safe mode"),
            Ask("GET /?pin=2&state=on", note="safe mode"),
        ),
        Scene("POST /restart in safe mode, three starts", _leave, restarts=4),
    ],
    {"PINS": PINS},
    main=_FAILS,
    serves=False,
)
BAD_CONFIG = Setting(
    "config.py does not run",
    scenes(
        Ask("GET /status", note="config.py does not run"),
        Ask("GET /", headers=HTML, note="page, config.py does not run"),
    ),
    files={"config.py": b"PINS = [\n"},
)
