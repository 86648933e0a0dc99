"""A step-up: what the application asks of the provider beyond an ordinary sign-in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from session_store import checks
from session_store.errors import InvalidInputError
from session_store.operations.authentication import check_acrs

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import timedelta

_MAX_ACR_VALUES: Final = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class StepUp:
    """A stronger or more recent authentication. The provider is asked for it, and its answer has to show it.

    Attributes:
        max_age: how long ago the user may have authenticated with the provider. Whole seconds, 0 for now.
        acr_values: authentication contexts (`acr`), of which the answer must have one. In order of preference, at most
            four.

    Raises:
        InvalidInputError: a value is malformed, or both are missing.
    """

    max_age: timedelta | None = None
    acr_values: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        checks.check_max_auth_age(self.max_age)
        values = check_acrs("acr_values", self.acr_values)
        if len(values) > _MAX_ACR_VALUES:
            raise InvalidInputError("acr_values", f"must be at most {_MAX_ACR_VALUES}", value=self.acr_values)
        if self.max_age is None and not values:
            raise InvalidInputError("max_age", "must be given where acr_values are not")


def check_step_ups(step_ups: Mapping[str, StepUp]) -> dict[str, StepUp]:
    """Step-ups by name.

    Raises:
        InvalidInputError: a name is no text, or there is no step-up behind it.
    """
    for name, step_up in step_ups.items():
        if not isinstance(name, str) or not name or not isinstance(step_up, StepUp):
            raise InvalidInputError("step_ups", "must have a StepUp under each name", value=name)
    return dict(step_ups)
