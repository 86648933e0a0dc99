"""Calls whose replies are those of the service, or an error of the SDK."""

from __future__ import annotations

from typing import Any, Final

from botocore.exceptions import BotoCoreError, ClientError
from botocore.parsers import ResponseParserError

FAILURES: Final = (BotoCoreError, ClientError, ResponseParserError)
"""All that a call can raise through `ask`."""

# Errors of the SDK's parser, besides its own, for a reply of another service or of a network that asks to sign in.
_NOT_PARSED: Final = (AttributeError, LookupError, TypeError, ValueError)


def ask(client: Any, method: str, *fields: str, **parameters: object) -> Any:  # noqa: ANN401 - made at run time
    """A reply, or the field of it at the end of a path.

    Raises:
        BotoCoreError, ClientError: as of the method.
        ResponseParserError: the reply is none of that service.
    """
    try:
        reply = getattr(client, method)(**parameters)
        for field in fields:
            reply = reply[field]
        return reply
    except FAILURES:
        raise
    except _NOT_PARSED:
        pass
    raise ResponseParserError("the reply is none of this service")
