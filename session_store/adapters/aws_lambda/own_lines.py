"""The line of a request to an application's own function, where its environment asks for one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from session_store.adapters.aws_lambda import environment
from session_store.adapters.aws_lambda.events import names_of
from session_store.adapters.aws_lambda.request_lines import FAILURES, RequestLine, metrics_of
from session_store.observing import Outcome

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from session_store.catalog.metrics import Metric

_OK: Final = 200
_SERVER_ERROR: Final = 500
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
        with OwnLine(environment.lines(), find_event(args, kwargs)) as line:
            result = served(*args, **kwargs)
            line.status = _status(result)
            return result

    async def call_async(*args: Any, **kwargs: Any) -> Any:  # noqa: ANN401 - as the handler's
        with OwnLine(environment.lines(), find_event(args, kwargs)) as line:
            result = await served(*args, **kwargs)
            line.status = _status(result)
            return result

    return call_async if is_awaited else call


class OwnLine(RequestLine):
    """A line of an application: not all that fails is this project's, and there may be several tables."""

    def _write(self) -> None:
        first, *others = dict.fromkeys(each.table_name for each in self._observations) or [None]
        everything = self._observations
        self._observations = [each for each in everything if each.table_name == first]
        super()._write()
        for table in others:
            metrics = metrics_of([each for each in everything if each.table_name == table])
            self._lines.write(table, metrics, names_of(self._event))

    def _outcome(self, metrics: Mapping[str, float]) -> Outcome:
        outcome = super()._outcome(metrics)
        is_failed = self.status is not None and outcome is Outcome.OK and self.status >= _SERVER_ERROR
        return self._failure_of_store() or Outcome.FAILED if is_failed else outcome

    def _failure(self, outcome: Outcome) -> Metric | None:
        return super()._failure(outcome) if self._failure_of_store() else None

    def _failure_of_store(self) -> Outcome | None:
        """The first failure of the store, which the application may have answered."""
        return next((each.outcome for each in self._observations if each.outcome in FAILURES), None)


def _status(result: object) -> int:
    """The status of a result. One without a status is the body of a 200, and one that is no number a bad gateway's."""
    status = result.get("statusCode", _OK) if isinstance(result, Mapping) else _OK
    return int(status) if str(status).isdecimal() else _BAD_GATEWAY
