"""Settings of a sign-in, which travel from the construct to its function. Both sides check them.

They are all arguments of `OidcSignIn` and `sign_in_handler` that can be said in text. Of a secret they have the place.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final

from session_store import checks
from session_store.catalog.declared import Flag, Kind, duration, setting
from session_store.errors import InvalidInputError
from session_store.kernel.web_settings import Keys, PathPrefix
from session_store.model import MAX_ABSOLUTE_TIMEOUT, Timeouts
from session_store.oidc.addresses import check_own_address, check_return_address
from session_store.oidc.arguments import (
    DEFAULT_PREFIX,
    LOGOUTS,
    RESPONSE_MODES,
    check_apple_id,
    check_choice,
    check_kept_claims,
    check_parameters,
    check_secret_id,
    scope_of,
)
from session_store.oidc.provider_settings import ProviderSettings, text
from session_store.oidc.step_up import StepUp, check_step_ups

_SECOND: Final = timedelta(seconds=1)


class _Scopes(Keys):
    unit = "JSON array of scopes"

    def check(self, name: str, value: tuple[str, ...]) -> None:  # noqa: ARG002 - there is one setting of this kind
        scope_of(value)


class _Claims(Keys):
    unit = "JSON array of claims"

    def check(self, name: str, value: tuple[str, ...]) -> None:  # noqa: ARG002 - there is one setting of this kind
        check_kept_claims(value)


class _Object(Kind[Mapping[str, Any]]):
    """A kind whose text is a JSON object."""

    def write(self, value: Mapping[str, Any]) -> str:
        return json.dumps(dict(value))

    def read(self, name: str, text: str) -> Mapping[str, Any]:
        try:
            found = json.loads(text)
        except ValueError:
            found = None
        if not isinstance(found, dict):
            raise InvalidInputError(name, "must be a JSON object", value=text)
        return found

    def check(self, name: str, value: Mapping[str, Any]) -> None:
        if not isinstance(value, Mapping):
            raise InvalidInputError(name, "must be a dict", value=value)


class _Parameters(_Object):
    unit = "JSON object of texts"

    def check(self, name: str, value: Mapping[str, str]) -> None:
        super().check(name, value)
        check_parameters(value)


class _StepUps(_Object):
    unit = "JSON object: `max_age` in seconds and `acr_values` by name"

    def check(self, name: str, value: Mapping[str, StepUp]) -> None:
        super().check(name, value)
        check_step_ups(value)

    def write(self, value: Mapping[str, StepUp]) -> str:
        return super().write({name: _fields(step_up) for name, step_up in value.items()})

    def read(self, name: str, text: str) -> Mapping[str, StepUp]:
        return {each: _step_up(name, fields) for each, fields in super().read(name, text).items()}


def _fields(step_up: StepUp) -> dict[str, Any]:
    age = {} if step_up.max_age is None else {"max_age": step_up.max_age // _SECOND}
    return age | ({"acr_values": list(step_up.acr_values)} if step_up.acr_values else {})


def _step_up(name: str, fields: Any) -> StepUp:  # noqa: ANN401 - as it came
    problem = "must be max_age, in seconds, and acr_values"
    if isinstance(fields, dict) and fields.keys() <= {"max_age", "acr_values"}:
        age, values = fields.get("max_age"), fields.get("acr_values", [])
        try:
            return StepUp(
                max_age=timedelta(seconds=age) if type(age) is int else age,
                acr_values=tuple(values) if isinstance(values, list) else values,
            )
        except (OverflowError, InvalidInputError) as error:
            problem = str(error)
    raise InvalidInputError(name, problem, value=fields)


_PLACE: Final = "name or ARN"
_JSON_KEY: Final = "key in the secret's JSON"


@dataclass(frozen=True, slots=True, kw_only=True)
class SignInSettings(ProviderSettings):
    """A sign-in with a provider. Besides what each provider needs, the redirect URI has to be given.

    Attributes:
        redirect_uri: the address of the callback.
        client_secret: the secret of Secrets Manager that holds the client's. With Apple's ids it holds Apple's key.
            None for a public client.
        client_secret_key: where that is one of several in a JSON object.
        cookie_secret: the secret that seals cookies, where it is not the client's. A public client needs one.
        cookie_secret_key: likewise.
        apple_team_id: of the account at Apple. The client's secret is then a JWT that Apple's key signs.
        apple_key_id: of that key.
        scopes: what the application needs, besides `openid`.
        response_mode: the way the provider's answer comes.
        step_ups: what the login's `step_up` asks for, by name.
        sign_in_counts: whether the sign-in counts as an authentication where the provider does not send `auth_time`.
        authorization_parameters: further parameters of each authorization request.
        post_logout_redirect_uri: where the provider sends the browser after signing out.
        logout: the form of the provider's logout address.
        prefix: what the paths begin with.
        carry_data: whether the new session starts from the data of the one before.
        kept_claims: claims of the ID token that become keys of the session's data.
        after_logout: the path for a browser that the provider does not sign out.
        idle_timeout: of the new session, in place of the store's. Goes with the next one.
        absolute_timeout: likewise.
        ends_with_browser: whether browsers forget the session's cookie when they are closed.

    Raises:
        InvalidInputError: a value is missing, out of range or malformed, or does not go with another.
    """

    redirect_uri: str | None = field(default=None, metadata=text("REDIRECT_URI", "address", check_own_address))
    client_secret: str | None = field(default=None, metadata=text("CLIENT_SECRET", _PLACE, check_secret_id))
    client_secret_key: str | None = field(
        default=None, metadata=text("CLIENT_SECRET_KEY", _JSON_KEY, checks.check_optional_text)
    )
    cookie_secret: str | None = field(default=None, metadata=text("COOKIE_SECRET", _PLACE, check_secret_id))
    cookie_secret_key: str | None = field(
        default=None, metadata=text("COOKIE_SECRET_KEY", _JSON_KEY, checks.check_optional_text)
    )
    apple_team_id: str | None = field(default=None, metadata=text("APPLE_TEAM_ID", "id", check_apple_id))
    apple_key_id: str | None = field(default=None, metadata=text("APPLE_KEY_ID", "id", check_apple_id))
    scopes: tuple[str, ...] = field(default=("openid",), metadata=setting(_Scopes("SESSION_OIDC_SCOPES")))
    response_mode: str = field(
        default="query",
        metadata=text(
            "RESPONSE_MODE", "`query` or `form_post`", lambda name, value: check_choice(name, value, RESPONSE_MODES)
        ),
    )
    step_ups: Mapping[str, StepUp] | None = field(default=None, metadata=setting(_StepUps("SESSION_OIDC_STEP_UPS")))
    sign_in_counts: bool = field(default=False, metadata=setting(Flag("SESSION_OIDC_SIGN_IN_COUNTS")))
    authorization_parameters: Mapping[str, str] | None = field(
        default=None, metadata=setting(_Parameters("SESSION_OIDC_PARAMETERS"))
    )
    post_logout_redirect_uri: str | None = field(
        default=None, metadata=text("POST_LOGOUT_REDIRECT_URI", "address", check_own_address)
    )
    logout: str = field(
        default="standard",
        metadata=text("LOGOUT", "`standard` or `cognito`", lambda name, value: check_choice(name, value, LOGOUTS)),
    )
    prefix: str = field(default=DEFAULT_PREFIX, metadata=setting(PathPrefix("SESSION_OIDC_PREFIX")))
    carry_data: bool = field(default=False, metadata=setting(Flag("SESSION_OIDC_CARRY_DATA")))
    kept_claims: tuple[str, ...] = field(default=(), metadata=setting(_Claims("SESSION_OIDC_KEPT_CLAIMS")))
    after_logout: str = field(
        default="/", metadata=text("AFTER_LOGOUT", "path", lambda name, value: check_return_address(value, name))
    )
    idle_timeout: timedelta | None = field(
        default=None, metadata=duration("SESSION_OIDC_IDLE_TIMEOUT", _SECOND, MAX_ABSOLUTE_TIMEOUT)
    )
    absolute_timeout: timedelta | None = field(
        default=None, metadata=duration("SESSION_OIDC_ABSOLUTE_TIMEOUT", _SECOND, MAX_ABSOLUTE_TIMEOUT)
    )
    ends_with_browser: bool = field(default=False, metadata=setting(Flag("SESSION_OIDC_ENDS_WITH_BROWSER")))

    @property
    def timeouts(self) -> Timeouts | None:
        """Both timeouts, as `create_session(timeouts=)` takes them. None for those of the store."""
        if self.idle_timeout is None or self.absolute_timeout is None:
            return None
        return Timeouts(idle=self.idle_timeout, absolute=self.absolute_timeout)

    def _check_together(self) -> None:
        super(SignInSettings, self)._check_together()  # slots make another class of this one
        for name, other in _TOGETHER:
            if getattr(self, name) is not None and getattr(self, other) is None:
                raise InvalidInputError(other, f"must be given with {name}")
        if self.client_secret is None and self.cookie_secret is None:
            raise InvalidInputError("cookie_secret", "must be given where client_secret is not")
        if self.redirect_uri is None:
            raise InvalidInputError("redirect_uri", "must be given")
        try:
            _ = self.timeouts
        except InvalidInputError as error:  # by the name that it has here
            raise InvalidInputError(f"{error.field}_timeout", error.problem) from None


# The second one is needed where the first one is given.
_TOGETHER: Final = (
    ("client_secret_key", "client_secret"),
    ("cookie_secret_key", "cookie_secret"),
    ("apple_team_id", "apple_key_id"),
    ("apple_key_id", "apple_team_id"),
    ("apple_team_id", "client_secret"),
    ("idle_timeout", "absolute_timeout"),
    ("absolute_timeout", "idle_timeout"),
)
