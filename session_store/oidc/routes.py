"""The three routes of a sign-in, for any carrier of requests: login, callback and logout."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from session_store import checks
from session_store.errors import CrossSiteRequestError, InvalidInputError, SessionStoreError
from session_store.kernel.plain_exchange import PlainExchange
from session_store.kernel.response import Answer
from session_store.kernel.rules import Rules
from session_store.kernel.user_agent import client_of_request
from session_store.oidc.addresses import check_return_address
from session_store.oidc.arguments import check_kept_claims
from session_store.oidc.authentication import kept_fields
from session_store.oidc.kept_claims import kept_of
from session_store.oidc.problems import failed, not_allowed
from session_store.oidc.sign_in import OidcSignIn
from session_store.oidc.signing_out import given_back, leave_provider

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from session_store.kernel.request import Request
    from session_store.kernel.response import Response
    from session_store.model import Session, Timeouts
    from session_store.oidc.sign_in import ProviderSignIn
    from session_store.oidc.signing_out import KeptTokens
    from session_store.store import SessionStore

_SEE_OTHER: Final = 303


@dataclass(frozen=True, slots=True, kw_only=True)
class SignInRoutes:
    """The routes, with a method for each.

    Attributes:
        sign_in: with the provider.
        find_store: makes or finds the store.
        carry_data: whether the new session starts from the data of the one before, if that was a visitor's or the same
            customer's.
        on_sign_in: is called with each `ProviderSignIn` before its session is made. It may return first data for the
            session, keep the provider's tokens elsewhere, or raise `SignInRefusedError`.
        kept_claims: names of claims of the ID token that become keys of the session's data. A missing one is None.
        on_sign_out: is called at the logout with the session, which has ended by then. It may return the provider's
            tokens that the application has kept with it.
        after_logout: the path for a browser that the provider does not sign out.
        timeouts: of the new session, in place of the store's.
        ends_with_browser: whether browsers forget the session's cookie when they are closed.
    """

    sign_in: OidcSignIn
    find_store: Callable[[], SessionStore]
    carry_data: bool = False
    on_sign_in: Callable[[ProviderSignIn], Mapping[str, object] | None] | None = None
    kept_claims: Collection[str] = ()
    on_sign_out: Callable[[Session], KeptTokens | None] | None = None
    after_logout: str = "/"
    timeouts: Timeouts | None = None
    ends_with_browser: bool = False

    def __post_init__(self) -> None:
        if not isinstance(self.sign_in, OidcSignIn):
            raise InvalidInputError("sign_in", "must be an OidcSignIn", value=self.sign_in)
        checks.check_flag("carry_data", self.carry_data)
        check_kept_claims(self.kept_claims)
        checks.check_flag("ends_with_browser", self.ends_with_browser)
        check_return_address(self.after_logout, "after_logout")
        for name in ("on_sign_in", "on_sign_out"):
            if (function := getattr(self, name)) is not None:
                checks.check_function(name, function)
        if self.timeouts is not None:
            checks.check_timeouts(self.timeouts)

    def login(self, request: Request, parameters: Mapping[str, str]) -> Response:
        """Send the browser to the provider.

        Args:
            request: a GET.
            parameters: of its query: `return_to` and `step_up`, both of them optional.
        """
        if request.method != "GET":
            return not_allowed("GET")
        exchange = self._exchange(request)
        try:
            redirect = self.sign_in.begin(
                request.cookies,
                return_to=parameters.get("return_to", "/"),
                step_up=parameters.get("step_up"),
                session_id=self._session_that_will_be_missing(exchange),
            )
        except SessionStoreError as error:
            return failed(error)
        return _redirect(redirect.location, redirect.cookies)

    def callback(self, request: Request, parameters: Mapping[str, str]) -> Response:
        """Turn the provider's answer into a session, and send the browser to where it wanted to go.

        Args:
            request: a GET, with `form_post` a POST.
            parameters: of its query, or of the form.
        """
        method = "POST" if self.sign_in.response_mode == "form_post" else "GET"
        if request.method != method:
            return not_allowed(method)
        exchange = self._exchange(request)
        try:
            if method == "POST":
                self._check_origin(request)
            found = self.sign_in.finish(request.cookies, parameters)
            self._start_session(exchange, found)
            response = _redirect(found.return_to)
        except SessionStoreError as error:
            response = failed(error)
        response = _with_cookies(response, self.sign_in.cleared(request.cookies, parameters.get("state")))
        headers = exchange.finish(response.status)
        return replace(response, headers=tuple(headers.added_to(response.headers))) if headers else response

    def logout(self, request: Request) -> Response:
        """End the session here, then send the browser to the provider to sign out there, too.

        A refresh token that the application has kept is revoked. That, and finding the provider's address, may take
        some seconds.

        Args:
            request: a POST of the application's own page.
        """
        if request.method != "POST":
            return not_allowed("POST")
        exchange = self._exchange(request)
        try:
            exchange.admit()
            session = exchange.token.end(exchange.token.read)
            exchange.token.take_back()
            there = leave_provider(self.sign_in, given_back(self.on_sign_out, session))
            response = _redirect(there or self.after_logout)
        except SessionStoreError as error:
            response = failed(error)
        return replace(response, headers=tuple(exchange.token.headers().added_to(response.headers)))

    def _exchange(self, request: Request) -> PlainExchange:
        return PlainExchange(Rules(find_store=self.find_store, cookie_only=True), request)

    def _session_that_will_be_missing(self, exchange: PlainExchange) -> str | None:
        """Of a browser that will come back with a POST from the provider's page, and so without its Lax cookie."""
        if self.sign_in.response_mode != "form_post":
            return None
        session = exchange.token.read()
        return None if session is None else session.session_id

    def _check_origin(self, request: Request) -> None:
        """The answer is a form of another site. It is the provider's, or no answer."""
        if request.headers.get("origin") != self.sign_in.provider_origin():
            raise CrossSiteRequestError("the answer was not posted by a page of the provider")

    def _start_session(self, exchange: PlainExchange, found: ProviderSignIn) -> None:
        store = exchange.token.store
        data: dict[str, Any] = {
            **kept_of(found.claims, self.kept_claims),
            **((self.on_sign_in and self.on_sign_in(found)) or {}),
            checks.AUTHENTICATION_KEY: kept_fields(
                found.authentication, store.clock.now(), sign_in_counts=self.sign_in.sign_in_counts
            ),
        }
        created = store.create_session(
            found.customer_id,
            data=data,
            client=client_of_request(exchange.request),
            timeouts=self.timeouts,
            replaces=store.get_session(found.session_id) if found.session_id else exchange.token.text,
            carry_data=self.carry_data,
            ends_with_browser=self.ends_with_browser,
            provider_session=found.provider_session,
        )
        exchange.token.hand_out(created.token, created.session)


def _redirect(location: str, cookies: tuple[str, ...] = ()) -> Response:
    return Answer(
        _SEE_OTHER, headers={"Location": location, "Referrer-Policy": "no-referrer"}, cookies=cookies
    ).response()


def _with_cookies(response: Response, cookies: tuple[str, ...]) -> Response:
    return replace(response, headers=(*response.headers, *(("Set-Cookie", cookie) for cookie in cookies)))
