"""The ends of an attempt without a good reply. No message quotes a request or a reply."""

from __future__ import annotations

from typing import Any


class NotSentError(Exception):
    """There was no connection, so the request had no effect.

    Attributes:
        host: that was tried, with its port.
    """

    def __init__(self, host: str) -> None:
        super().__init__(f"no connection to {host}")
        self.host = host


class UntrustedError(Exception):
    """The server's certificate could not be verified, so nothing was sent.

    Attributes:
        host: that was tried, with its port.
    """

    def __init__(self, host: str) -> None:
        super().__init__(f"the certificate of {host} cannot be verified")
        self.host = host


class NoReplyError(Exception):
    """The request was sent, perhaps in part, and no whole reply came. It may have taken effect."""


class UnreadFormError(NoReplyError):
    """The reply came in a form that this transport does not read, and the SDK may.

    Attributes:
        form: its name.
    """

    def __init__(self, form: str) -> None:
        super().__init__(f"a reply in a form that is not read: {form}")
        self.form = form


class ReplyError(Exception):
    """DynamoDB's error reply.

    Attributes:
        code: the kind of error, empty if the reply has none. Then it does not come from DynamoDB.
        status: of HTTP.
        body: the whole reply. It may quote values of the request.
    """

    def __init__(self, code: str, status: int, body: dict[str, Any]) -> None:
        super().__init__(f"{status} {code}")
        self.code = code
        self.status = status
        self.body = body
