"""The SDK's client of DynamoDB, as far as the store's own calls by it differ from the application's.

Its debug log quotes requests and replies whole, with data, hashes, and the session token of the function's role. A
function whose log level is DEBUG has that log in CloudWatch. Nothing else of it is touched: neither what the SDK logs
about the application's calls, nor any level.
"""

from __future__ import annotations

from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, Final

from session_store.transport.replies import check_checksum

if TYPE_CHECKING:
    from collections.abc import Mapping
    from logging import LogRecord

_QUOTING: Final = ("botocore.auth", "botocore.endpoint", "botocore.parsers")
OURS: Final[ContextVar[bool]] = ContextVar("session_store.ours", default=False)
"""Set while the SDK sends a request of ours."""


def prepare(client: object) -> None:
    """Keep the store's calls out of the SDK's debug log, and let it refuse replies to them that have been damaged.

    Of a client that is not botocore's, and of an emulator that sends no checksum, replies are taken as they come.
    """
    import logging  # noqa: PLC0415 - the SDK loads it, and the transport of our own does without

    for name in _QUOTING:
        logging.getLogger(name).addFilter(_is_not_ours)
    events = getattr(getattr(client, "meta", None), "events", None)
    if events is not None:
        events.register("response-received.dynamodb", _check_checksum, unique_id="session-store-checksum")


def _is_not_ours(_record: LogRecord) -> bool:
    return not OURS.get()


def _check_checksum(response_dict: Mapping[str, Any] | None, **_: object) -> None:
    if response_dict is not None and OURS.get():
        check_checksum(response_dict["headers"], response_dict["body"])
