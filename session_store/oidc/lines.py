"""The line of a request to a route of a provider, where the environment asks for one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from session_store.adapters.aws_lambda.own_lines import OwnLine
from session_store.adapters.aws_lambda.request_lines import FAILURES
from session_store.errors import StoreConfigurationError, StoreUnavailableError
from session_store.jwt.errors import KeysUnavailableError
from session_store.observing import Outcome
from session_store.oidc.errors import ProviderUnavailableError, SignInError
from session_store.oidc.problems import Failure

if TYPE_CHECKING:
    from collections.abc import Mapping

    from session_store.catalog.metrics import Metric
    from session_store.kernel.response import Response

_SERVER_ERROR: Final = 500
_OURS: Final = (StoreConfigurationError, StoreUnavailableError)
_OF_THE_PROVIDER: Final = (KeysUnavailableError, ProviderUnavailableError)


class SignInLine(OwnLine):
    """A line that tells a failure of ours from one of the provider. The metrics count ours alone."""

    def answered(self, response: Response) -> None:
        """Note the response."""
        self.status = response.status
        if isinstance(response, Failure) and response.status >= _SERVER_ERROR:
            self.failed(response.error, str(response.error))

    def _outcome(self, metrics: Mapping[str, float]) -> Outcome:
        outcome = super()._outcome(metrics)
        return Outcome.REFUSED if isinstance(self._error, SignInError) else outcome

    def _failure(self, outcome: Outcome) -> Metric | None:
        is_ours = isinstance(self._error, _OURS) and not isinstance(self._error, _OF_THE_PROVIDER)
        return FAILURES.get(outcome) if is_ours else super()._failure(outcome)
