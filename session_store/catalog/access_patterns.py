"""Every access pattern by its name: `access_patterns.VALIDATE`. Each is declared once, in the module of its subject."""

from __future__ import annotations

from typing import Final

from session_store.catalog import children, customers, provider_sessions, sessions
from session_store.catalog.children import *  # noqa: F403 - a list of names here would be one more place to add to
from session_store.catalog.customers import *  # noqa: F403
from session_store.catalog.pattern import AccessPattern
from session_store.catalog.provider_sessions import *  # noqa: F403
from session_store.catalog.sessions import *  # noqa: F403

ACCESS_PATTERNS: Final = tuple(
    declared
    for module in (sessions, children, customers, provider_sessions)
    for declared in vars(module).values()
    if isinstance(declared, AccessPattern)
)
