"""The access patterns' rules, one module per kind of operation. `SessionStore` is their face."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from session_store.operations import (
        children,
        create,
        customer,
        end,
        end_all,
        extend,
        provider_logout,
        read,
        rotate,
        save,
        single_values,
    )

__all__ = [
    "children",
    "create",
    "customer",
    "end",
    "end_all",
    "extend",
    "provider_logout",
    "read",
    "rotate",
    "save",
    "single_values",
]


def __getattr__(name: str) -> object:
    """Load a module at its first use. A function that only validates compiles no save at its cold start."""
    if name in __all__:
        return import_module(f"{__name__}.{name}")
    raise AttributeError(name)
