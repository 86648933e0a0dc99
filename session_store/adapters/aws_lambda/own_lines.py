"""The line of a request to an application's own function, where its environment asks for one."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

from session_store.adapters.aws_lambda import environment
from session_store.adapters.aws_lambda.handlers import event_of, is_async
from session_store.errors import UnsupportedEventError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from session_store.adapters.aws_lambda.request_lines import RequestLine

_OK: Final = 200
_BAD_GATEWAY: Final = 502


def with_lines(served: Callable[..., Any]) -> Callable[..., Any]:
    """A handler with its session around it that writes a line for each request."""

    def call(*args: Any, **kwargs: Any) -> Any:  # noqa: ANN401 - as the handler's
        with _line(args, kwargs) as line:
            result = served(*args, **kwargs)
            line.status = _status(result)
            return result

    async def call_async(*args: Any, **kwargs: Any) -> Any:  # noqa: ANN401 - as the handler's
        with _line(args, kwargs) as line:
            result = await served(*args, **kwargs)
            line.status = _status(result)
            return result

    return call_async if is_async(served) else call


def _line(args: Sequence[object], kwargs: Mapping[str, object]) -> RequestLine:
    event = None
    with suppress(UnsupportedEventError):  # the handler raises it again
        event = event_of(args, kwargs)
    return environment.lines().request(event, is_ours=False)


def _status(result: object) -> int:
    """The status of a result. One without a status is the body of a 200, and one that is no number a bad gateway's."""
    status = result.get("statusCode", _OK) if isinstance(result, Mapping) else _OK
    return int(status) if str(status).isdecimal() else _BAD_GATEWAY
