"""`python -m tools.openapi`: print the board's OpenAPI document, made from this folder."""

from __future__ import annotations

import json
from pathlib import Path

from tools.openapi.document import make

ROOT = Path(__file__).resolve().parents[2]

if __name__ == "__main__":
    print(json.dumps(make(ROOT), indent=2, ensure_ascii=False))
