"""The table's main figures as an SVG: bars, drawn by a few lines of our own."""

from __future__ import annotations

from html import escape

from tools.bench.report import REFERENCE, Results
from tools.bench.servers import SERVERS

_LEFT, _BAR, _GAP, _TOP, _WIDTH = 230, 22, 8, 58, 360
_PANEL = _LEFT + _WIDTH + 80
_OURS, _PEER, _FLOOR = "#0b6e4f", "#8a8f98", "#c9ccd1"
_STYLE = (
    "text{font:13px system-ui,sans-serif;fill:#222}"
    ".t{font-weight:600;font-size:15px}.n{fill:#666;font-size:11px}"
    "@media(prefers-color-scheme:dark){text{fill:#eee}.n{fill:#aaa}}"
)


def draw(results: Results) -> str:
    """Two panels: speed (longer is better) and heap (shorter is better)."""
    speeds = {
        server.name: results.speeds.ratio(server.name, REFERENCE, ("browser", 1))
        for server in SERVERS
    }
    heap_name = "ROMFS 5 browsers"
    heaps = {name: row.get(heap_name) for name, row in results.heap.items()}
    panels = [
        _panel(
            "Requests per second, a browser's request",
            "multiples of picoweb; longer is better",
            speeds,
            "{:.1f} x",
        ),
        _panel(
            "Least heap that serves five browsers at once",
            "kB of the 64-bit MicroPython, code in ROMFS; shorter is better",
            {name: size / 1024 if size else None for name, size in heaps.items()},
            "{:.0f} kB",
        ),
    ]
    height = _TOP + len(SERVERS) * (_BAR + _GAP) + 10
    body = "".join(
        f'<g transform="translate(0,{at * height})">{panel}</g>' for at, panel in enumerate(panels)
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_PANEL} {height * len(panels)}" '
        f'role="img" aria-label="Picopin beside other servers">'
        f"<style>{_STYLE}</style>{body}</svg>\n"
    )


def _panel(title: str, note: str, values: dict[str, float | None], label: str) -> str:
    most = max((value for value in values.values() if value), default=1.0)
    parts = [
        f'<text class="t" x="10" y="24">{escape(title)}</text>',
        f'<text class="n" x="10" y="42">{escape(note)}</text>',
    ]
    for at, server in enumerate(SERVERS):
        value = values.get(server.name)
        y = _TOP + at * (_BAR + _GAP)
        width = _WIDTH * value / most if value else 0
        text = label.format(value) if value else "does not run"
        color = {"picopin": _OURS, "bare": _FLOOR}.get(server.name, _PEER)
        parts += [
            f'<text x="{_LEFT - 10}" y="{y + 16}" text-anchor="end">{escape(server.label)}</text>',
            f'<rect x="{_LEFT}" y="{y}" width="{width:.0f}" height="{_BAR}" fill="{color}"/>',
            f'<text x="{_LEFT + width + 8:.0f}" y="{y + 16}">{escape(text)}</text>',
        ]
    return "".join(parts)
