"""Which module of this package has a public name. It is apart from `__init__`, which every function loads."""

from __future__ import annotations

from typing import Final

MODULES: Final = {
    "Advice": "advice",
    "AwsSessions": "sessions",
    "ClientSettings": "client_settings",
    "Finding": "diagnosis",
    "Severity": "diagnosis",
    "StaticCredentials": "static_credentials",
    "advice_for": "advice",
}
