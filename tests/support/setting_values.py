"""Values of declared settings, made from their declarations: what tests that walk over all of them need."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from session_store import SessionSettings
from session_store.catalog.declared import Duration, Kind, Moment, Number, Settings
from session_store.kernel.authorizer_settings import AuthorizerSettings
from session_store.kernel.web_settings import UserRouteSettings

FAMILIES: tuple[type[Settings], ...] = (SessionSettings, UserRouteSettings, AuthorizerSettings)
TOGETHER: dict[str, dict[str, Any]] = {
    "idle_timeout": {"absolute_timeout": timedelta(days=400)},
    "absolute_timeout": {"idle_timeout": timedelta(seconds=1)},
}
"""Values of other settings that fit any value of a setting, if their defaults do not."""
_OTHERS: dict[str, Any] = {
    "JSON boolean": True,
    "name": "__Host-shop",
    "path": "/api",
    "JSON array of keys": ("cart", "theme"),
    "JSON array of origins": ("https://app.example.com",),
    "JSON array of acr values": ("gold",),
    "`recorded` or `none`": "none",
}


class Declared(NamedTuple):
    """One declared setting."""

    family: type[Settings]
    name: str
    kind: Kind[Any]

    @property
    def step(self) -> Any:
        return timedelta(seconds=1) if isinstance(self.kind, Duration) else 1

    @property
    def _more(self) -> Any:
        return timedelta(seconds=61) if isinstance(self.kind, Duration) else 1

    @property
    def other(self) -> Any:
        """An acceptable value that is not the default."""
        if isinstance(self.kind, Moment):
            return datetime(2026, 1, 31, tzinfo=UTC)
        return _OTHERS[self.kind.unit] if self.kind.minimum is None else self.kind.minimum + self._more

    @property
    def in_json(self) -> Any:
        """The same value as `cdk.json` has it."""
        if isinstance(self.other, timedelta):
            return f"PT{int(self.other.total_seconds())}S"
        return self.other.isoformat() if isinstance(self.other, datetime) else self.other

    def make(self, value: Any) -> Settings:
        """The family's settings with this one of that value."""
        return self.family(**{self.name: value} | TOGETHER.get(self.name, {}))


DECLARED = [Declared(family, name, kind) for family in FAMILIES for name, kind in family.kinds().items()]
BOUNDED = [each for each in DECLARED if isinstance(each.kind, Duration | Number)]
OF_SESSIONS = [each for each in DECLARED if each.family is SessionSettings]


def name_of(declared: Declared) -> str:
    return f"{declared.family.__name__}.{declared.name}"
