"""`python -m tools.heap`: what takes how much of the heap, and the least heap that serves."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from tools.device_packages import ROOT
from tools.heap import gate, table

LOADS = {"starts": 0, "one browser": 1, "five browsers": gate.BROWSERS}


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tools.heap", description=__doc__)
    parser.add_argument("--build", type=Path, default=ROOT / "build", help="folder of the images")
    parser.add_argument("--table-only", action="store_true", help="do not look for the least heap")
    options = parser.parse_args()
    for layout in gate.LAYOUTS:
        print(f"\n{layout.name}: bytes of the chip's heap")
        print(table.report(table.measure(options.build, layout)))
        if not options.table_only:
            print(f"least heap (gate {layout.gate:,})")
            for name, browsers in LOADS.items():
                found = gate.least(options.build, layout, browsers)
                shown = f"{found:,}" if found else "does not fit"
                print(f"  {name:<22}{shown:>8}", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
