"""What the SDK keeps of Wi-Fi in the last sectors of the flash, over power-off too."""

import json
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

STATION_MODE, AP_MODE = 1, 2


@dataclass
class Settings:
    """Factory state: no station, and the vendor's open access point on the air."""

    opmode: int = AP_MODE
    station_ssid: str = ""
    station_key: str = ""
    station_bssid: str = ""
    ap_ssid: str = ""
    ap_key: str = ""
    ap_authmode: int = 0
    ap_hidden: int = 0
    ap_channel: int = 1


class SettingsStore:
    """The settings and the count of the times that they were written to flash.

    The SDK compares first: a call that changes nothing writes nothing.
    """

    def __init__(self, path: Path | None, factory_ssid: str) -> None:
        self._path = path
        self.now = Settings(ap_ssid=factory_ssid)
        self.writes = 0
        if path and path.is_file():
            self.now = Settings(**json.loads(path.read_text()))

    def save(self, **changes: Any) -> None:
        changed = replace(self.now, **changes)
        if changed != self.now:
            self.now = changed
            self.writes += 1
            if self._path:
                self._path.write_text(json.dumps(asdict(self.now)))
