"""The line of a request to an application's own function, where its environment asks for one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from session_store.adapters.aws_lambda import environment

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_OK: Final = 200
_BAD_GATEWAY: Final = 502


def with_lines(
    served: Callable[..., Any],
    find_event: Callable[[Sequence[object], Mapping[str, object]], object],
    *,
    is_awaited: bool,
) -> Callable[..., Any]:
    """A handler that writes a line for each request.

    Args:
        served: the handler, with its session around it.
        find_event: finds the request among the arguments of a call. It raises what the handler raises without one.
        is_awaited: whether the handler's result has to be awaited.
    """

    def call(*args: Any, **kwargs: Any) -> Any:  # noqa: ANN401 - as the handler's
        with environment.lines().request(find_event(args, kwargs), is_ours=False) as line:
            result = served(*args, **kwargs)
            line.status = _status(result)
            return result

    async def call_async(*args: Any, **kwargs: Any) -> Any:  # noqa: ANN401 - as the handler's
        with environment.lines().request(find_event(args, kwargs), is_ours=False) as line:
            result = await served(*args, **kwargs)
            line.status = _status(result)
            return result

    return call_async if is_awaited else call


def _status(result: object) -> int:
    """The status of a result. One without a status is the body of a 200, and one that is no number a bad gateway's."""
    status = result.get("statusCode", _OK) if isinstance(result, Mapping) else _OK
    return int(status) if str(status).isdecimal() else _BAD_GATEWAY
