"""The Lambda authorizer's decision: whether a request has a live session, and what its integration may know of it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from session_store.adapters.aws_lambda import environment
from session_store.adapters.aws_lambda.events import request_of
from session_store.adapters.aws_lambda.request_lines import RequestLine
from session_store.errors import (
    CrossSiteRequestError,
    InvalidTokenError,
    ReauthenticationRequiredError,
    SessionRequiredError,
    SessionStoreError,
)
from session_store.kernel.admission import require_customer
from session_store.kernel.authorizer_settings import AuthorizerSettings
from session_store.kernel.credentials import Source
from session_store.kernel.plain_exchange import PlainExchange
from session_store.kernel.response import time_json
from session_store.kernel.rules import Rules
from session_store.log import place_of
from session_store.time_left import LambdaCall
from session_store.values import dataclass, field

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from session_store.kernel.request import Request
    from session_store.model import Session
    from session_store.store import SessionStore

_POLICY_VERSION: Final = "2012-10-17"
_NO_PRINCIPAL: Final = "nobody"
_REFUSALS: Final = (CrossSiteRequestError, InvalidTokenError, ReauthenticationRequiredError, SessionRequiredError)


@dataclass(frozen=True, slots=True)
class Decision:
    """Whether a request is let through.

    Attributes:
        context: for the integration: `session_id`, `customer_id`, `expires_at`, the chosen data, empty for a refusal.
        error: why the request was refused, None when it is let through. For logs: the client need not know.
    """

    is_authorized: bool
    context: Mapping[str, str | int | float | bool] = field(default_factory=dict)
    error: SessionStoreError | None = None


class Authorizer:
    """Decides about requests.

    Args:
        store: validates their tokens.
        settings: what is asked of them, and what of the session is passed on.
    """

    def __init__(self, store: SessionStore, settings: AuthorizerSettings | None = None) -> None:
        self._settings = settings or AuthorizerSettings()
        self._rules = Rules(
            find_store=lambda: store,
            strict=self._settings.strict,
            max_auth_age=self._settings.max_auth_age,
            required_acr=self._settings.required_acr,
            activity=self._settings.activity,
            with_data=self._settings.reads_data,
            allowed_origins=frozenset(self._settings.allowed_origins),
            cookie_only=self._settings.cookie_only,
        )

    def decide(self, event: object) -> Decision:
        """Judge an authorizer's event (type REQUEST, payload format 2.0 or 1.0).

        Costs are those of `validate_and_rotate`, without data unless the settings ask for some of it.

        Raises:
            StoreUnavailableError: nothing is known about the token. Let it out of the function. API Gateway then
                answers 500, and no request gets through.
            StoreConfigurationError: likewise.
        """
        try:
            session = self._admit(request_of(event))
        except _REFUSALS as refusal:
            return Decision(is_authorized=False, error=refusal)
        return Decision(is_authorized=True, context=self._context(session))

    def answer(self, event: Mapping[str, Any]) -> dict[str, Any]:
        """The decision as API Gateway takes it: a simple response in payload format 2.0, an IAM policy in 1.0.

        Raises:
            StoreUnavailableError: see `decide`.
            StoreConfigurationError: likewise.
        """
        return _rendered(self.decide(event), event)

    def _admit(self, request: Request) -> Session:
        exchange = PlainExchange(self._rules, request)
        source = exchange.token.source
        if source is None or (self._settings.bearer_only and source is Source.COOKIE):
            raise SessionRequiredError("the request carries no usable token")
        exchange.admit()
        session = exchange.token.validate()
        if not self._settings.allow_anonymous:
            require_customer(session)
        return session

    def _context(self, session: Session) -> dict[str, str | int | float | bool]:
        context: dict[str, str | int | float | bool] = {"session_id": session.session_id}
        context["expires_at"] = str(time_json(session.expires_at))
        if session.customer_id is not None:
            context["customer_id"] = session.customer_id
        for key in self._settings.context_data_keys:
            value = session.data.get(key)
            if value is not None:
                context[key] = _context_value(value)
        return context


def authorizer_handler(
    store: SessionStore | None = None, settings: AuthorizerSettings | None = None
) -> Callable[[dict[str, Any], object], dict[str, Any]]:
    """The handler of an authorizer function. Make it at import, so that its parts are built once and not per request.

    Args:
        store: by default the one that the environment describes.
        settings: by default `AuthorizerSettings.from_environment()`.

    Raises:
        StoreConfigurationError: a variable is missing or malformed.
    """
    lines = environment.lines()
    authorizer = Authorizer(
        store or environment.store(in_lines=True), settings or AuthorizerSettings.from_environment()
    )

    def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
        try:
            with LambdaCall(context), RequestLine(lines, event) as line:
                decision = authorizer.decide(event)
                if decision.error:
                    line.failed(decision.error)
                return _rendered(decision, event)
        except SessionStoreError:
            raise
        except Exception as error:  # noqa: BLE001 - raised again below
            said = f"{type(error).__name__} at {place_of(error)}"
        # Lambda logs the error that gets out; of any but our own it is not known what its message quotes.
        raise RuntimeError(said)

    return handler


def _rendered(decision: Decision, event: Mapping[str, Any]) -> dict[str, Any]:
    context = dict(decision.context)
    if "methodArn" not in event:
        return {"isAuthorized": decision.is_authorized, "context": context}
    statement = {
        "Action": "execute-api:Invoke",
        "Effect": "Allow" if decision.is_authorized else "Deny",
        "Resource": event["methodArn"],
    }
    return {
        "principalId": context.get("customer_id") or context.get("session_id") or _NO_PRINCIPAL,
        "policyDocument": {"Version": _POLICY_VERSION, "Statement": [statement]},
        "context": context,
    }


def _context_value(value: object) -> str | int | float | bool:
    """A string, number or boolean as it is. Other values as JSON text, because payload format 1.0 cannot carry them."""
    return value if isinstance(value, str | int | float) else json.dumps(value, separators=(",", ":"))
