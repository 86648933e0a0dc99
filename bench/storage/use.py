"""The use of AWS's services by calls of the store, and its price."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from session_store.cli.cost.prices import Prices

_PRICED: Final = {
    "rru": "read_units",
    "wru": "write_units",
    "object_writes": "object_writes",
    "object_reads": "object_reads",
    "cache_units": "cache_units",
    "table_gb_months": "table_gb",
    "backup_gb_months": "backup_gb",
    "object_gb_months": "object_gb",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Use:
    """The use by one call, or by many.

    Attributes:
        table_calls: calls of DynamoDB.
        rru: request units to read.
        wru: request units to write, the index included.
        object_writes: PUTs of S3.
        object_reads: GETs of S3. Deletes cost nothing.
        cache_calls: commands to Valkey.
        cache_units: ECPUs of ElastiCache Serverless.
        table_gb_months: storage of the table.
        backup_gb_months: of the table that is backed up.
        object_gb_months: storage in S3.
    """

    table_calls: float = 0
    rru: float = 0
    wru: float = 0
    object_writes: float = 0
    object_reads: float = 0
    cache_calls: float = 0
    cache_units: float = 0
    table_gb_months: float = 0
    backup_gb_months: float = 0
    object_gb_months: float = 0

    def __add__(self, other: Use) -> Use:
        """Both."""
        return Use(**{each.name: getattr(self, each.name) + getattr(other, each.name) for each in fields(Use)})

    def __mul__(self, times: float) -> Use:
        """So many of it."""
        return Use(**{each.name: getattr(self, each.name) * times for each in fields(Use)})

    @property
    def calls(self) -> float:
        """Calls of all services."""
        return self.table_calls + self.object_writes + self.object_reads + self.cache_calls

    def dollars(self, prices: Prices) -> float:
        """Its price, at the prices of the first tier."""
        amounts: dict[str, float] = {price: getattr(self, name) for name, price in _PRICED.items()}
        return sum(amount * prices[price].tiers[0][1] for price, amount in amounts.items())
