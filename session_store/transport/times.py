"""How long one attempt may take, by the SDK's client as by our own."""

from __future__ import annotations

from typing import Final

CONNECT_TIMEOUT: Final = 0.5
READ_TIMEOUT: Final = 1.0
