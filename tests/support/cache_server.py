"""A server of the cache of validations in memory, which can fail over and forget what it was told last."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from session_store.validation_cache.server import LIFETIME_MILLISECONDS, CacheFaultError, Found, Wanted

Hashes = dict[str, dict[str, bytes]]


@dataclass
class MemoryServer:
    """Does in one step what the scripts do. Without a clock nothing runs out, so that readers have to see to it."""

    clock: Callable[[], float] | None = None
    name: bytes = b"1"  # of the server that answers
    hashes: Hashes = field(default_factory=dict)
    copy: Hashes | None = None  # what the server that takes over has
    reachable: bool = True
    trips: int = 0
    _made: dict[str, float] = field(default_factory=dict)

    def read(self, wanted: Sequence[Wanted]) -> list[Found]:
        self._answer()
        return [self._read(*one) for one in wanted]

    def store(self, key: str, field: str, lease: bytes, value: bytes) -> bool:
        self._answer()
        found = self._hash(key)
        if found.get("server") != self.name or found.get("lease") != lease:
            return False
        found[field] = value
        self._touch(key)
        return True

    def delete(self, keys: Sequence[str]) -> None:
        self._answer()
        for key in keys:
            self.hashes.pop(key, None)

    def remember(self) -> None:
        """From here on nothing gets to the server that is going to take over."""
        self.copy = {key: dict(value) for key, value in self.hashes.items()}

    def fail_over(self) -> None:
        """Another server takes over, with what it has got."""
        self.hashes, self.copy = {key: dict(value) for key, value in (self.copy or {}).items()}, None
        self.name += b"+"

    def _answer(self) -> None:
        if not self.reachable:
            raise CacheFaultError("unreachable")
        self.trips += 1

    def _read(self, key: str, field: str, lease: bytes) -> Found:
        if self._hash(key).get("server") != self.name:
            self.hashes[key] = {"server": self.name, "lease": lease}
            self._touch(key)
        found = self.hashes[key]
        return Found(found["lease"], found.get(field))

    def _hash(self, key: str) -> dict[str, bytes]:
        if self.clock and self.clock() * 1000 >= self._made.get(key, 0) + LIFETIME_MILLISECONDS:
            self.hashes.pop(key, None)
        return self.hashes.get(key, {})

    def _touch(self, key: str) -> None:
        if self.clock:
            self._made[key] = self.clock() * 1000
