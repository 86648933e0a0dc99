"""From an event of an API, or of a function URL, to the answer of a provider's route."""

from __future__ import annotations

import base64
import binascii
from contextlib import nullcontext
from typing import TYPE_CHECKING, Any, Final

from session_store.adapters.aws_lambda.events import payload_of, request_of
from session_store.adapters.aws_lambda.results import render
from session_store.errors import InvalidInputError
from session_store.oidc.parameters import once, parameters_in
from session_store.oidc.problems import failed
from session_store.settings import writes_request_lines
from session_store.time_left import LambdaCall

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from session_store.kernel.request import Request
    from session_store.kernel.response import Response
    from session_store.oidc.lines import SignInLine

_FORM: Final = "application/x-www-form-urlencoded"


def handler_of(answer: Callable[[Request, Mapping[str, Any]], Response]) -> Callable[[Any, Any], dict[str, Any]]:
    """The handler that answers so. It writes a line for each request where the environment asks for one.

    Raises:
        StoreConfigurationError: the variable that switches the lines on is malformed.
    """
    in_lines = writes_request_lines()

    def handler(event: Any, context: Any) -> dict[str, Any]:  # noqa: ANN401 - as Lambda calls it
        request = request_of(event)
        with LambdaCall(context), _line(event) if in_lines else nullcontext() as line:
            try:
                response = answer(request, event)
            except InvalidInputError as error:
                response = failed(error)
            if line is not None:
                line.answered(response)
            return render(response, payload_of(event))

    return handler


def query_of(event: Mapping[str, Any]) -> dict[str, str]:
    """The parameters of the query. Payload format 1.0 has them decoded."""
    if "httpMethod" not in event:
        return parameters_in(str(event.get("rawQueryString") or ""))
    many = event.get("multiValueQueryStringParameters")
    pairs = (event.get("queryStringParameters") or {}).items()
    return once((name, value) for name, values in many.items() for value in values) if many else once(pairs)


def form_of(request: Request, event: Mapping[str, Any]) -> dict[str, str]:
    """The fields of a form.

    Raises:
        InvalidInputError: the body is none.
    """
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != _FORM:
        raise InvalidInputError("parameters", f"must come as {_FORM}")
    body = str(event.get("body") or "")
    if not event.get("isBase64Encoded"):
        return parameters_in(body)
    try:
        text = base64.b64decode(body).decode("ascii")
    except (binascii.Error, ValueError):
        text = None
    if text is None:  # out here: as its context it would carry an error that quotes the body
        raise InvalidInputError("parameters", f"must come as {_FORM}")
    return parameters_in(text)


def _line(event: object) -> SignInLine:
    from session_store.adapters.aws_lambda import environment  # noqa: PLC0415 - for those that write some
    from session_store.oidc.lines import SignInLine  # noqa: PLC0415

    return SignInLine(environment.lines(), event)
