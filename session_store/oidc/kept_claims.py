"""Claims of the ID token that the application wants in the session's data."""

from __future__ import annotations

from typing import TYPE_CHECKING

from session_store import checks
from session_store.errors import InvalidInputError
from session_store.oidc.errors import ProviderAnswerError

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from session_store.data.types import JSONObject


def kept_of(claims: Mapping[str, object], names: Collection[str]) -> JSONObject:
    """The claims as data. A missing one is None, so that nothing that a visitor left under its name passes for it.

    Raises:
        ProviderAnswerError: one is nothing that data can hold.
    """
    try:
        return checks.check_data({name: claims.get(name) for name in names})
    except InvalidInputError:
        pass
    raise ProviderAnswerError("a claim that is to be kept fits into no data")
