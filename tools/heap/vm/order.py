# In place of boot.py: prints "loaded NAME" as each module is whole, those that it imports first.
import builtins
import sys

_import = builtins.__import__
_seen = list(sys.modules)


def _loaded(*args):
    before = list(sys.modules)
    module = _import(*args)
    for name in sorted(sys.modules, key=len, reverse=True):
        if name not in before and name not in _seen:
            _seen.append(name)
            print("loaded", name)
    return module


builtins.__import__ = _loaded
execfile("/first.py", globals())
