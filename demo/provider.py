"""The identity provider that signs visitors in, where the demo has one: Cognito, with `make run OIDC=cognito`.

The routes under `/auth` are those of `session_store.cdk.CognitoSignIn`. The pages only lead there.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final
from urllib.parse import urlencode

from session_store.web import current_session

if TYPE_CHECKING:
    from collections.abc import Mapping

ORIGIN_VARIABLE: Final = "DEMO_PROVIDER_ORIGIN"
PREFIX: Final = "/auth"
STEP_UP: Final = "recent"
"""The step-up that asks a user to authenticate anew."""
CLAIM: Final = "email"
"""The claim that the sign-in keeps in the session's data, and that people know a user by."""


def origin() -> str | None:
    """The origin of the provider's pages. None: any name signs in."""
    return os.environ.get(ORIGIN_VARIABLE)


def login_path(following: str, *, again: bool) -> str:
    """The address that sends the browser to the provider.

    Args:
        following: the page to come back to.
        again: whether a user who is signed in has to authenticate anew.
    """
    return f"{PREFIX}/login?{urlencode({'return_to': following} | ({'step_up': STEP_UP} if again else {}))}"


def logout_path() -> str:
    """The address that signs out: with the provider, too, where there is one."""
    return f"{PREFIX}/logout" if origin() else "/sign-out"


def visitors_name() -> str | None:
    """The customer as pages call them. None if there is none."""
    visitor = current_session()
    customer_id = visitor.customer_id
    return None if customer_id is None else name_of(customer_id, {CLAIM: visitor.get(CLAIM)})


def name_of(customer_id: str, data: Mapping[str, object]) -> str:
    """A customer as pages call them. The id that a provider gives says nothing to people."""
    claim = data.get(CLAIM) if origin() else None
    return claim if isinstance(claim, str) else customer_id
