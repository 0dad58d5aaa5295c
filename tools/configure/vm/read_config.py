"""Run by MicroPython: config.py through the firmware's own checker.

micropython read_config.py LIB CONFIG

Prints one line of JSON: {"mistakes": [...], "settings": {...}}, or {"error": traceback}.
"""

# pyright: reportMissingImports=false, reportAttributeAccessIssue=false, reportUndefinedVariable=false
import io
import json
import sys

lib, path = sys.argv[1:]
sys.path.insert(0, lib)
sys.path.append(lib + "/picopin/cold")  # as sources they lie there, on a board in lib/c
from picopin import cold  # noqa: E402 - its folder has just been named

names = {}
try:
    execfile(path, names)
except Exception as error:
    text = io.StringIO()
    sys.print_exception(error, text)
    print(json.dumps({"error": text.getvalue()}))
    sys.exit()

settings = cold("check").load(names)
wanted = [name for name in dir(settings) if name == name.upper() and name[0] != "_"]
print(
    json.dumps(
        {
            "mistakes": settings.mistakes,
            "settings": {name: getattr(settings, name) for name in wanted},
        }
    )
)
