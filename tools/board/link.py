"""The chip's two interfaces as the relay's clients meet them."""

import asyncio
from collections.abc import Callable


class Link:
    """An interface as its clients see it: up or silent, and the addresses they have there."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.network = ""
        self._up = asyncio.Event()
        self._hosts: list[str] = []
        self.watchers: list[Callable[[], None]] = []

    @property
    def up(self) -> bool:
        return self._up.is_set()

    def rise(self, address: str) -> None:
        """The chip has `address` here; clients get others of the same /24."""
        self.network = address.rpartition(".")[0]
        self._up.set()
        self._tell()

    def fall(self) -> None:
        self._up.clear()
        self._tell()

    def _tell(self) -> None:
        for watcher in self.watchers:
            watcher()

    async def wait_up(self) -> None:
        await self._up.wait()

    def client_address(self, host: str) -> str:
        """An address of this network for each host address, from .100 up as DHCP gives them."""
        if host not in self._hosts:
            self._hosts.append(host)
        return f"{self.network}.{100 + self._hosts.index(host) % 155}"

    def host_of(self, address: str) -> str | None:
        """The host address that client_address() showed as `address`."""
        network, _, number = address.rpartition(".")
        index = int(number) - 100
        known = network == self.network and 0 <= index < len(self._hosts)
        return self._hosts[index] if known else None
