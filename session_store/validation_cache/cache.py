"""The cache as one process uses it: its server behind a circuit breaker."""

from __future__ import annotations

import hashlib
import secrets
from typing import TYPE_CHECKING, Final

from session_store.validation_cache.circuit import Circuit
from session_store.validation_cache.server import CacheFaultError, Found, Wanted

if TYPE_CHECKING:
    from collections.abc import Iterable

    from session_store.clock import Clock
    from session_store.validation_cache.server import Server

_LEASE_BYTES: Final = 12
_ATTEMPTS: Final = 2  # of a deletion: the connection may be one that was closed long ago
_KNOWN: Final = 4096


class Cache:
    """One table's part of a cache. Safe to share between threads.

    Args:
        server: holds it.
        table_name: name or ARN of the table.
        clock: of the store.
    """

    def __init__(self, server: Server, table_name: str, clock: Clock) -> None:
        self._server = server
        self._prefix = f"session-store:{table_name.rpartition('/')[2]}"
        self._circuit = Circuit(clock)
        self._customers: dict[str, str] = {}

    def session_key(self, session_id: str) -> str:
        """The key of all that is about a session and its children."""
        return f"{self._prefix}:s:{session_id}"

    def customer_key(self, customer_id: str) -> str:
        """The key of what is about a customer. An id may be a name or an address, which the cache need not know."""
        return f"{self._prefix}:c:{hashlib.sha256(customer_id.encode()).hexdigest()}"

    def read(self, *wanted: tuple[str, str]) -> list[Found]:
        """Read values, by their keys and fields, with leases to store others under.

        Returns:
            One for each. Nothing is found while the circuit is open.

        Raises:
            CacheFaultError: the cache failed.
        """
        if self._circuit.is_open:
            return [Found() for _ in wanted]
        asked = [Wanted(key, field, secrets.token_bytes(_LEASE_BYTES)) for key, field in wanted]
        try:
            found = self._server.read(asked)
        except CacheFaultError:
            self._circuit.failed()
            raise
        self._circuit.worked()
        return found

    def store(self, key: str, field: str, lease: bytes, value: bytes) -> None:
        """Store a value, if nothing was deleted since its lease was given.

        Raises:
            CacheFaultError: the cache failed.
        """
        if self._circuit.is_open:
            return
        try:
            self._server.store(key, field, lease, value)
        except CacheFaultError:
            self._circuit.failed()
            raise

    def delete(self, keys: Iterable[str]) -> None:
        """Delete what was read before a change. It is tried also while the circuit is open.

        Raises:
            CacheFaultError: the cache may still have it. This process asks the table for as long as that counts.
        """
        known = list(keys)
        for attempt in range(_ATTEMPTS):
            try:
                self._server.delete(known)
            except CacheFaultError:
                if attempt + 1 == _ATTEMPTS:
                    self._circuit.open()
                    raise
            else:
                return

    def customer_of(self, session_key: str) -> str | None:
        """The key of a session's customer, as far as this process has met it: both are read in one trip then."""
        return self._customers.get(session_key)

    def note_customer(self, session_key: str, customer_key: str) -> None:
        """Note the key of a session's customer."""
        if len(self._customers) >= _KNOWN:
            self._customers.clear()
        self._customers[session_key] = customer_key
