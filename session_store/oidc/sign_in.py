"""`OidcSignIn`: sign-in with one provider, from the login to a verified user, for any carrier of requests."""

from __future__ import annotations

import hashlib
import os
import secrets
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Literal
from urllib.parse import urlencode, urlsplit, urlunsplit

from session_store import checks
from session_store.errors import InvalidInputError
from session_store.jwt.claims import encoded
from session_store.model import MAX_ABSOLUTE_TIMEOUT
from session_store.oidc.addresses import check_own_address, check_return_address, origin_of
from session_store.oidc.arguments import (
    DEFAULT_LEEWAY,
    DEFAULT_LOGOUT_TOKEN_LIFE,
    LOGOUTS,
    RESPONSE_MODES,
    check_choice,
    check_parameters,
    scope_of,
)
from session_store.oidc.attempts import Attempt, AttemptCookies, new_state
from session_store.oidc.cookie_secret import cookie_secret_of
from session_store.oidc.errors import ProviderAnswerError, ProviderRefusedError
from session_store.oidc.from_settings import sign_in_arguments
from session_store.oidc.logouts import LogoutVerifier
from session_store.oidc.revocation import revoke
from session_store.oidc.settings import SignInSettings
from session_store.oidc.step_up import check_step_ups
from session_store.oidc.token_endpoint import Client, exchange
from session_store.operations.provider_sessions import ProviderSession

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping
    from datetime import timedelta
    from typing import Self

    from session_store.clock import Clock
    from session_store.oidc.authentication import Authentication
    from session_store.oidc.metadata import Metadata
    from session_store.oidc.step_up import StepUp
    from session_store.oidc.token_endpoint import Tokens

_KEY_PAUSE_SECONDS: Final = 1.0  # only the provider can make us look for the key of an ID token: it comes from it
_ANY_AGE_SECONDS: Final = int(MAX_ABSOLUTE_TIMEOUT.total_seconds())
_MAX_CODE_CHARACTERS: Final = 4096
_OF_AN_ANSWER: Final = frozenset({"code", "iss", "state"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Redirect:
    """The answer that sends the browser to the provider.

    Attributes:
        location: where to.
        cookies: values of `Set-Cookie`.
    """

    location: str = field(repr=False)
    cookies: tuple[str, ...] = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderSignIn:
    """A user who has signed in with the provider.

    Attributes:
        customer_id: `sub` behind the issuer's prefix.
        authentication: how they authenticated.
        claims: of the ID token, verified. Never in `repr`.
        tokens: the provider's. The library does not keep them.
        return_to: the path that the visitor goes to.
        parameters: of the provider's answer, besides those of the standard, for instance Apple's `user`, with the name
            at the first sign-in. The browser could have changed them.
        provider_session: the provider's own session, for `create_session`. Then the provider's logout ends ours.
        session_id: the browser's session at the login, where its cookie does not come with the answer.
    """

    customer_id: str
    authentication: Authentication
    claims: Mapping[str, Any] = field(repr=False)
    tokens: Tokens
    return_to: str = field(repr=False)
    parameters: Mapping[str, str] = field(repr=False)
    provider_session: ProviderSession
    session_id: str | None = None


class OidcSignIn(LogoutVerifier):
    """Authorization code with PKCE. Make one in a process: it keeps the provider's metadata, its keys and the secret.

    Args:
        issuer: the provider, as it names itself.
        client_id: the application, as the provider knows it.
        redirect_uri: the address of the callback, exactly as it is registered.
        customer_prefix: what customer ids begin with, for instance `google:`. Give each issuer another one. It ends
            with `:` or `|`, and has no other.
        client_secret: gives the secret: a `SecretsManagerSecret`, or an `AppleClientSecret`. None for a public client.
        cookie_secret: gives the text that seals the cookies of attempts, at least 16 characters. By default the
            client's secret, or Apple's key. A public client must give one.
        scopes: what the application needs. `openid` is always among them.
        algorithm: of ID tokens, the only one that is accepted: `RS256` or `ES256`.
        response_mode: `form_post` for Apple, which posts its answer where a name or an e-mail address is asked for.
        step_ups: what `/auth/login?step_up=NAME` asks for, by name.
        sign_in_counts: whether the sign-in counts as an authentication where the provider does not send `auth_time`.
            Otherwise the age of such a sign-in is not known, and each `max_auth_age` refuses it.
        authorization_parameters: further parameters of each authorization request, for instance `prompt`.
        post_logout_redirect_uri: where the provider sends the browser after signing out, as it is registered.
        logout: `cognito` for Cognito's own form of the logout address.
        logout_token_life: the longest life of a logout token of the provider. Whole seconds, 1 second to 1 hour.
        leeway: how far the clocks may be apart. Whole seconds, at most 5 minutes.
        discovery_url: where the metadata is, if not below the issuer. On this machine (localhost) only.
        clock: tells the time.

    Raises:
        InvalidInputError: an argument is not acceptable.
    """

    def __init__(
        self,
        *,
        issuer: str,
        client_id: str,
        redirect_uri: str,
        customer_prefix: str,
        client_secret: Callable[[], str] | None = None,
        cookie_secret: Callable[[], str] | None = None,
        scopes: Collection[str] = ("openid",),
        algorithm: Literal["RS256", "ES256"] = "RS256",
        response_mode: Literal["query", "form_post"] = "query",
        step_ups: Mapping[str, StepUp] | None = None,
        sign_in_counts: bool = False,
        authorization_parameters: Mapping[str, str] | None = None,
        post_logout_redirect_uri: str | None = None,
        logout: Literal["standard", "cognito"] = "standard",
        logout_token_life: timedelta = DEFAULT_LOGOUT_TOKEN_LIFE,
        leeway: timedelta = DEFAULT_LEEWAY,
        discovery_url: str | None = None,
        clock: Clock | None = None,
    ) -> None:
        super().__init__(
            issuer=issuer,
            client_id=client_id,
            customer_prefix=customer_prefix,
            algorithm=algorithm,
            logout_token_life=logout_token_life,
            leeway=leeway,
            discovery_url=discovery_url,
            clock=clock,
        )
        self._client = Client(
            client_id=client_id,
            secret=None if client_secret is None else checks.check_function("client_secret", client_secret),
            redirect_uri=check_own_address("redirect_uri", redirect_uri),
        )
        self._scope = scope_of(scopes)
        self.response_mode = check_choice("response_mode", response_mode, RESPONSE_MODES)
        self._step_ups = check_step_ups(step_ups or {})
        self.sign_in_counts = checks.check_flag("sign_in_counts", sign_in_counts)
        self._parameters = check_parameters(authorization_parameters or {})
        self._logout = check_choice("logout", logout, LOGOUTS)
        self._after_logout = (
            None
            if post_logout_redirect_uri is None
            else check_own_address("post_logout_redirect_uri", post_logout_redirect_uri)
        )
        self._cookies = AttemptCookies(
            cookie_secret_of(cookie_secret, client_secret),
            f"{issuer}\n{client_id}\n{redirect_uri}",
            cross_site=response_mode == "form_post",
            clock=self._clock,
        )

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ, *, clock: Clock | None = None) -> Self:
        """The sign-in that the environment describes, as `OidcRoutes` writes it.

        Raises:
            StoreConfigurationError: a variable is missing or malformed (see `session_store.oidc.settings`).
        """
        return cls(**sign_in_arguments(SignInSettings.from_environment(environment), clock), clock=clock)

    def begin(
        self,
        cookies: Iterable[str],
        *,
        return_to: str = "/",
        step_up: str | None = None,
        session_id: str | None = None,
    ) -> Redirect:
        """Send the browser to the provider. Nothing is stored but in a cookie of ten minutes.

        Args:
            cookies: the request's `name=value` pairs.
            return_to: the path that the visitor goes to afterwards, at most 512 characters.
            step_up: the name of a step-up.
            session_id: the browser's session, where its cookie does not come with the answer (`form_post`).

        Raises:
            InvalidInputError: `return_to` leads to another site, or there is no such step-up.
            ProviderUnavailableError: the provider's metadata cannot be read.
            StoreUnavailableError: the secret cannot be read.
        """
        asked = self._step_up(step_up)
        now = self._clock.now()
        attempt = Attempt(
            state=new_state(now),
            nonce=secrets.token_urlsafe(32),
            verifier=secrets.token_urlsafe(32),
            begun_at=int(now),
            return_to=check_return_address(return_to),
            max_age=None if asked is None or asked.max_age is None else int(asked.max_age.total_seconds()),
            acr_values=asked.acr_values if asked else (),
            session_id=session_id,
        )
        location = _with_query(self._metadata.get().authorization, self._request_of(attempt))
        return Redirect(location=location, cookies=self._cookies.write(attempt, cookies))

    def finish(self, cookies: Iterable[str], parameters: Mapping[str, str]) -> ProviderSignIn:
        """Make a verified user of the provider's answer. Makes no session.

        Args:
            cookies: the request's `name=value` pairs.
            parameters: of the answer, in the query or the form.

        Raises:
            SignInNotBegunError: this browser has begun no such sign-in.
            ProviderRefusedError: the provider did not sign the user in.
            ProviderAnswerError: its answer, or its ID token, is not good.
            StepUpNotMetError: it shows less than was asked for.
            ProviderUnavailableError: it does not answer. `KeysUnavailableError` for its keys.
            StoreConfigurationError: it does not accept the client.
        """
        attempt = self._cookies.read(parameters.get("state"), cookies)
        metadata = self._metadata.get()
        self._check_sender(metadata, parameters.get("iss"))
        if "error" in parameters:
            raise ProviderRefusedError(parameters["error"])
        code = parameters.get("code", "")
        if not 1 <= len(code) <= _MAX_CODE_CHARACTERS:
            raise ProviderAnswerError("it has no code, or one that is too long")
        tokens = exchange(self._client, metadata, code, attempt.verifier)
        verified = self._rules.verify(tokens, self._key_set(_KEY_PAUSE_SECONDS), attempt)
        return ProviderSignIn(
            customer_id=self._customer_id(verified.subject),
            authentication=verified.authentication,
            claims=verified.claims,
            tokens=tokens,
            return_to=attempt.return_to,
            parameters={name: value for name, value in parameters.items() if name not in _OF_AN_ANSWER},
            provider_session=ProviderSession(self._issuer, verified.authentication.sid, verified.issued_at),
            session_id=attempt.session_id,
        )

    def cleared(self, cookies: Iterable[str], state: str | None) -> tuple[str, ...]:
        """The values of `Set-Cookie` that end an attempt: an answer is used once, also a bad one."""
        return self._cookies.cleared(state, cookies)

    def provider_origin(self) -> str:
        """The origin of the provider's pages, as browsers send it with a form.

        Raises:
            ProviderUnavailableError: the provider's metadata cannot be read.
        """
        return origin_of(self._metadata.get().authorization)

    def logout_url(self, *, id_token_hint: str | None = None) -> str | None:
        """The address at which the browser signs out with the provider, too. None if the provider has no such address.

        Args:
            id_token_hint: the user's ID token, from an application that keeps it. Providers may ask without it.

        Raises:
            ProviderUnavailableError: the provider's metadata cannot be read.
        """
        metadata = self._metadata.get()
        own = {"client_id": self._client.client_id}
        if self._logout == "cognito":
            parts = urlsplit(metadata.authorization)
            address = urlunsplit((parts.scheme, parts.netloc, "/logout", "", ""))
            target = {"logout_uri": self._after_logout} if self._after_logout else {}
            return _with_query(address, own | target)
        if metadata.end_session is None:
            return None
        target = {"post_logout_redirect_uri": self._after_logout} if self._after_logout else {}
        hint = {"id_token_hint": id_token_hint} if id_token_hint else {}
        return _with_query(metadata.end_session, own | target | hint)

    def revoke(self, refresh_token: str) -> bool:
        """Revoke a refresh token that the application has kept. The routes do it at the logout.

        Returns:
            False if the provider has no revocation endpoint.

        Raises:
            ProviderUnavailableError: the provider has not revoked it, or does not answer.
            StoreUnavailableError: the secret cannot be read.
        """
        return revoke(self._client, self._metadata.get(), refresh_token)

    def _request_of(self, attempt: Attempt) -> dict[str, str]:
        challenge = encoded(hashlib.sha256(attempt.verifier.encode()).digest())
        fields = {
            "response_type": "code",
            "client_id": self._client.client_id,
            "redirect_uri": self._client.redirect_uri,
            "scope": self._scope,
            "state": attempt.state,
            "nonce": attempt.nonce,
            "code_challenge": challenge,
            "code_challenge_method": "S256",
            # Whichever age is asked for, a provider has to send `auth_time` then (OpenID Connect Core, section 2).
            "max_age": str(_ANY_AGE_SECONDS if attempt.max_age is None else attempt.max_age),
        }
        if self.response_mode == "form_post":
            fields["response_mode"] = "form_post"
        if attempt.max_age is not None and self._logout == "cognito":
            fields["prompt"] = "login"  # it does not heed max_age
        if attempt.acr_values:
            fields["acr_values"] = " ".join(attempt.acr_values)
        return {**self._parameters, **fields}

    def _check_sender(self, metadata: Metadata, issuer: str | None) -> None:
        """Refuse an answer of another provider (RFC 9207): its code would go to the wrong token endpoint."""
        if issuer is None and metadata.says_issuer:
            raise ProviderAnswerError("it does not say iss, although the provider says it always does")
        if issuer is not None and issuer != self._issuer:
            raise ProviderAnswerError("it comes from another issuer")

    def _step_up(self, name: str | None) -> StepUp | None:
        if name is None:
            return None
        if name not in self._step_ups:
            raise InvalidInputError("step_up", "must be one of the application's names", confidential=True)
        return self._step_ups[name]


def _with_query(url: str, fields: Mapping[str, str]) -> str:
    return f"{url}{'&' if '?' in url else '?'}{urlencode(fields)}"
