"""Everything the library raises, as one tree.

    SessionStoreError
      InvalidInputError (also ValueError)    an argument is wrong; nothing was written
        DataTooLargeError                    the item would pass 399 KB, or the data what its user is allowed
        IdempotencyKeyReusedError            the key belongs to a call that asked for something else
      InvalidTokenError                      the token is not good: do not tell the client more than that
        TokenReuseError                      a replaced secret came back: the session was ended
      ReauthenticationRequiredError          the token is good, but the sign-in is too long ago, or too weak
      SessionRequiredError                   a request without a live session where one is needed
        ProviderSessionEndedError            the identity provider has signed the user out during the sign-in
      CrossSiteRequestError                  a request that changes state and does not come from the site's own pages
      AnotherSessionError                    a form or a page was made in another session than its request's
      NoCurrentSessionError (also RuntimeError)  `current_session()` outside of a decorated handler's call
      UnsupportedEventError                  no request, or one in another form than API Gateway's and function URLs'
      SessionNotFoundError                   no live session under that id
      ConflictError                          another request changed the same key meanwhile
        PreconditionFailedError              the version is not the one the caller named
        OutcomeUnknownError                  the write may or may not have taken effect: read and decide
      StoreUnavailableError                  a fault; trying again later can help
        ThrottledError                       DynamoDB throttles the table
      StoreConfigurationError                table, permission, credentials or region: trying again cannot help
        UnreadableDataError                  a session's data is stored in a form that this store cannot read

No message contains a token, a hash or session data, keys of the data included. All messages are short, for any input.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

_SHOWN_CHARACTERS: Final = 64
_SHOWN_BITS: Final = 128  # of a whole number; Python refuses to print the longest at all
_CDK_NUMBER: Final = -1.88e289  # CDK lets numbers just below it stand for those that only the deployment knows
# A token, or what is left of one that was cut off. Where a caller puts one in place of something else, messages about
# that would show it. Tokens of later versions are concealed as well.
_CONCEALED: Final = r"(?i)v\d{1,2}\.[0-9a-f-]{36}\.[\w.~%-]*"


class SessionStoreError(Exception):
    """Base of everything that the library raises."""


class InvalidInputError(SessionStoreError, ValueError):
    """An argument is not acceptable. Nothing was written.

    Raised before any call to AWS, but for what shows only beside what is stored: a merge that makes the item too large,
    an increment whose sum DynamoDB cannot hold. The session has been read by then.

    Attributes:
        field: name of the argument or of the field in it.
        shown_value: shortened `repr` of the value, only the type's name where it could have session data in it, empty
            when the value is confidential (tokens, session data), and when no single value is wrong.
        problem: the fault, and the allowed values.
        pointer: the wrong place in the data, a JSON pointer (RFC 6901). Empty for all of the argument. It quotes the
            data's keys, so no message has it. Show it only to the caller who sent that data.
    """

    def __init__(
        self, field: str, problem: str, *, value: object = ..., confidential: bool = False, pointer: str = ""
    ) -> None:
        self.field = field = shorten(field)
        self.problem = problem
        self.shown_value = "" if confidential or value is ... else _shown(value)
        self.pointer = pointer
        super().__init__(f"{field}: {problem}" + (f" (got {self.shown_value})" if self.shown_value else ""))


class DataTooLargeError(InvalidInputError):
    """The item would be larger than DynamoDB stores, less 1 KB for the store's own use, or the data than is allowed.

    Attributes:
        size: bytes that it would take at least. Counting ends soon after the limit.
        limit: bytes that are allowed.
    """

    def __init__(self, size: int, limit: int, *, of: str = "an item") -> None:
        self.size = size
        self.limit = limit
        super().__init__("data", f"makes {of} of at least {size} bytes, allowed are {limit}", confidential=True)


class Refusal(StrEnum):
    """Why a token was refused. For logs and metrics. A client only learns that it is not signed in."""

    MALFORMED = "malformed"
    WRONG_KIND = "wrong kind"  # a child's token for a session's, or the other way round; a JWT that is no access token
    WRONG_AUDIENCE = "wrong audience"  # another application's child's token, or another service's JWT
    UNKNOWN = "unknown"  # no such session, or another family: changes nothing
    ENDED = "ended"
    EXPIRED = "expired"
    CLOSING = "closing"
    REVOKED = "revoked"  # all sessions of the customer were ended, or all from before a point in time
    REUSED = "reused"  # a secret that was replaced: theft
    # Of JWTs alone
    WRONG_ALGORITHM = "wrong algorithm"
    UNKNOWN_KEY = "unknown key"
    WRONG_SIGNATURE = "wrong signature"
    WRONG_ISSUER = "wrong issuer"
    NOT_YET_VALID = "not yet valid"


class IdempotencyKeyReusedError(InvalidInputError):
    """A call of the last 24 hours has the same idempotency key and asked for something else. Nothing was written."""

    def __init__(self) -> None:
        problem = "belongs to another request of the last 24 hours: make a new key for each sign-in"
        super().__init__("idempotency_key", problem, confidential=True)


class InvalidTokenError(SessionStoreError):
    """The token does not stand for a live session.

    Attributes:
        refusal: why, for logs and metrics.
        session_id: the session the token names, None when it could not be read.
    """

    def __init__(self, refusal: Refusal, *, session_id: str | None = None) -> None:
        self.refusal = refusal
        self.session_id = session_id
        super().__init__(f"the token is not valid: {refusal}")


class TokenReuseError(InvalidTokenError):
    """A secret came back after it had been replaced. The session has been ended (RFC 9700, section 4.14.2)."""

    def __init__(self, session_id: str) -> None:
        super().__init__(Refusal.REUSED, session_id=session_id)


class ReauthenticationRequiredError(SessionStoreError):
    """The session is live, but its user authenticated too long ago, or too weakly, for the caller (step-up).

    Attributes:
        session_id: the session.
        required_acr: the authentication contexts that the caller accepts. Empty for any.
        max_auth_age: how long ago the user may have authenticated. None for any time.
    """

    def __init__(
        self, session_id: str, lack: str, required_acr: tuple[str, ...] = (), max_auth_age: timedelta | None = None
    ) -> None:
        self.session_id = session_id
        self.required_acr = required_acr
        self.max_auth_age = max_auth_age
        super().__init__(f"session {session_id}: {lack}; sign in again")


class SessionRequiredError(SessionStoreError):
    """A request needs a live session and has none: no customer is signed in, or no longer."""


class ProviderSessionEndedError(SessionRequiredError):
    """The identity provider has signed the user out before a sign-in with its session was done. Nothing was written.

    A session that was to be replaced goes on. The user may sign in with the provider again.
    """

    def __init__(self) -> None:
        super().__init__("the identity provider has ended its session meanwhile: sign in again")


class CrossSiteRequestError(SessionStoreError):
    """A request that changes state cannot be shown to come from the site's own pages (CSRF). Nothing was done."""


class AnotherSessionError(SessionStoreError):
    """A form or a page was made in another session than the one that its request came with. Nothing was done."""


class NoCurrentSessionError(SessionStoreError, RuntimeError):
    """A session was used outside of the call it belongs to."""


class UnsupportedEventError(SessionStoreError):
    """An event is no request, or one in a form that the web layer does not read, for instance a load balancer's.

    Attributes:
        source: the service that delivered it, if it can be recognized.
    """

    def __init__(self, source: str = "an unknown service", *, problem: str | None = None) -> None:
        self.source = source
        supported = "requests from API Gateway (payload formats 1.0 and 2.0) and from function URLs"
        super().__init__(f"{problem or f'the event comes from {source}'}; supported are {supported}")


class SessionNotFoundError(SessionStoreError):
    """There is no live session under that id: it never existed, has expired or was ended.

    Attributes:
        session_id: the id that was asked for (a session's, or a child session's).
    """

    def __init__(self, session_id: str) -> None:
        self.session_id = session_id
        super().__init__(f"no live session {session_id}")


class ConflictError(SessionStoreError):
    """Another request changed the data that this write was based on. Nothing was written.

    Attributes:
        keys: JSON pointers (RFC 6901) of the places that both changed, the first 32. Empty if only the version differs.
            They quote the data's keys, so no message has them. Show them only to the caller who sent the changes.
    """

    def __init__(self, message: str, *, keys: tuple[str, ...] = ()) -> None:
        self.keys = keys
        super().__init__(message)


class PreconditionFailedError(ConflictError):
    """The session's version is not the one that the caller named (If-Match). Nothing was written.

    Attributes:
        version: the current version.
    """

    def __init__(self, version: int) -> None:
        self.version = version
        super().__init__(f"the session is at version {version} by now")


class OutcomeUnknownError(ConflictError):
    """A reply was lost and too many others have written since to tell whether this write took effect."""


class StoreUnavailableError(SessionStoreError):
    """DynamoDB could not be reached or failed within the deadline. Nothing is known to be valid: fail closed.

    The deadline is 4 seconds, or less when the Lambda call has less time left. An end that has to wait because it
    cannot reach a cache of validations has 8.

    Attributes:
        operation: the API operation that failed, for instance `UpdateItem`.
        cause: what happened.
        retry_after: seconds after which trying again makes sense.
    """

    retry_after = 1

    def __init__(self, operation: str, cause: str) -> None:
        self.operation = operation
        self.cause = cause
        super().__init__(f"{operation}: {cause}; try again")


class ThrottledError(StoreUnavailableError):
    """DynamoDB throttled the request until the deadline."""

    retry_after = 2


class StoreConfigurationError(SessionStoreError):
    """The table, a permission, the credentials or the region are not right. The message says what to do."""


class UnreadableDataError(StoreConfigurationError):
    """A session's data is in a form that this version, with this store's settings, cannot read. Nothing was changed.

    The session goes on, and can be ended.

    Attributes:
        session_id: whose data it is.
    """

    def __init__(self, session_id: str, problem: str) -> None:
        self.session_id = session_id
        super().__init__(f"the data of session {session_id} cannot be read: {problem}")


def holds_token(text: str) -> bool:
    """Whether a text has a token in it, or enough of one to be taken for it."""
    return re.search(_CONCEALED, text) is not None


def conceal_tokens(text: str) -> str:
    """A text that goes into a message, without the tokens in it."""
    return re.sub(_CONCEALED, "<token>", text)


def shorten(text: str) -> str:
    """Cut a text that goes into a message to a bounded length, free of tokens and lone surrogates."""
    text = conceal_tokens(text.encode("utf-8", "backslashreplace").decode("utf-8"))
    return text if len(text) <= _SHOWN_CHARACTERS else f"{text[:_SHOWN_CHARACTERS]}..."


def _shown(value: object) -> str:
    """The value as a message shows it. A value that could hold others is shown as its type."""
    if isinstance(value, str):
        return shorten(repr(value[: _SHOWN_CHARACTERS + 1]))
    if isinstance(value, int) and value.bit_length() > _SHOWN_BITS:
        return "<int>"
    if isinstance(value, float) and _CDK_NUMBER > value > 2 * _CDK_NUMBER:
        return "a token of CDK, whose value the synthesis does not know"
    if value is None or isinstance(value, int | float | timedelta | datetime):
        return shorten(repr(value))
    return f"<{type(value).__name__}>"
