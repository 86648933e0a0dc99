"""The shape of a route: one row says all about an operation of the HTTP APIs.

Dispatch, grants, the OpenAPI documents and the tables read the rows. A row's handler is the function of its name in
`session_store.api`, for instance `end_session` for `endSession`. Schemas are named here and spelled in
`session_store.api.schemas`, which no function loads.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Final

from session_store.values import dataclass, field, replace

if TYPE_CHECKING:
    from collections.abc import Mapping

    from session_store.catalog.functions import Function
    from session_store.catalog.pattern import AccessPattern

CUSTOMERS: Final = "/customers/"
IDEMPOTENCY_KEY: Final = "Idempotency-Key"
END_REASON: Final = "reason"
PAGE: Final = ("limit", "cursor")
ENDING_PAGE: Final = {"limit": "ended_limit", "cursor": "ending_cursor"}


class Authorization(StrEnum):
    """The callers of a route, in API Gateway's terms."""

    AWS_IAM = "AWS_IAM"  # a back end that signs with SigV4
    NONE = "NONE"  # every caller: the handler itself asks for a live session's token


@dataclass(frozen=True, slots=True)
class Route:
    """One route of an HTTP API.

    Attributes:
        method: of HTTP.
        path: with its parameters in braces.
        function: serves it.
        patterns: what it asks of the store.
        operation_id: OpenAPI's name of it, and the handler's.
        summary: what it does, in a few words.
        success: the status of a successful answer.
        authorization: who may call it.
        query: names of its query parameters.
        headers: names of the headers that it requires.
        optional_headers: names of the headers that it goes by when they are there.
        body: names of the fields of its JSON body, none when it takes no body.
        required: those of them that have to be there.
        any_body: its body is a JSON object of any fields.
        body_rule: name of a schema that its body, which is then required, has to fit besides.
        schemas: parameters and fields whose schema has another name than they have, with that name.
        answer: name of the schema of a successful answer's body, empty when it has none.
        answer_headers: names of the headers of a successful answer.
        problems: what its problems by status mean, beside those of all routes.
    """

    method: str
    path: str
    function: Function
    patterns: tuple[AccessPattern, ...]
    operation_id: str
    summary: str
    success: int = 200
    authorization: Authorization = Authorization.AWS_IAM
    query: tuple[str, ...] = ()
    headers: tuple[str, ...] = ()
    optional_headers: tuple[str, ...] = ()
    body: tuple[str, ...] = ()
    required: tuple[str, ...] = ()
    any_body: bool = False
    body_rule: str = ""
    schemas: Mapping[str, str] = field(default_factory=dict, hash=False)
    answer: str = ""
    answer_headers: tuple[str, ...] = ()
    problems: Mapping[int, str] = field(default_factory=dict, hash=False)

    @property
    def key(self) -> str:
        """API Gateway's route key, `METHOD /path`."""
        return f"{self.method} {self.path}"

    def under(self, prefix: str) -> Route:
        """The same route on a path that begins with this."""
        return replace(self, path=f"{prefix}{self.path}")

    @property
    def handler(self) -> str:
        """The name of the function that answers it: `endSession` is served by `end_session`."""
        return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in self.operation_id)

    @property
    def takes_body(self) -> bool:
        """Whether a request has a body."""
        return bool(self.body) or self.any_body

    @property
    def customer_known(self) -> bool | None:
        """Whether path or validated token name the customer, for a read by both keys. None if only some calls do."""
        if self.path.startswith(CUSTOMERS) or self.authorization is Authorization.NONE:
            return True
        return None if "customer_id" in self.body else False
