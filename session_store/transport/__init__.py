"""A transport of our own to DynamoDB for the plain case: JSON over HTTP/1.1, signed, on kept connections."""

from __future__ import annotations

from typing import Final

# How many seconds one attempt may take, by the SDK's client as by our own.
CONNECT_TIMEOUT: Final = 0.5
READ_TIMEOUT: Final = 1.0
