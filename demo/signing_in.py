"""Signing in and out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from demo import identity_provider, notices, provider, requests
from demo.answers import page_path, redirect, visitors_page
from demo.devices import describe
from demo.html import NOTHING, Html, Template
from demo.identity_provider import MAX_NAME_LENGTH, NotAuthenticatedError
from demo.problems import explain
from session_store.web import current_session, session

if TYPE_CHECKING:
    from collections.abc import Mapping

_SIGN_IN: Final = Template("sign_in")
_CONFIRM: Final = Template("confirm")
_SIGN_IN_PROVIDER: Final = Template("sign_in_provider")
_CONFIRM_PROVIDER: Final = Template("confirm_provider")
_SAMPLES: Final = Template("sign_in_samples")
_ERROR: Final = Template("sign_in_error")
_TITLE: Final = "Sign in"
_CONFIRM_TITLE: Final = "Confirm that it is you"
_INVALID: Final = Html('aria-invalid="true" aria-describedby="user-name-error"')


@session(on_problem=explain)
def show(event: Mapping[str, Any], _context: object) -> dict[str, Any]:
    """GET /sign-in. For a customer who is signed in it is the step-up: some actions need a recent sign-in."""
    following = page_path(requests.query(event).get("next", ""))
    if provider.origin():
        return _way_to_the_provider(event, following)
    return _form(event, name=current_session().customer_id or "", following=following)


@session(on_problem=explain)
def sign_in(event: Mapping[str, Any], _context: object) -> dict[str, Any]:
    """POST /sign-in: always a new session. The one before ends, and its data comes along."""
    fields = requests.form(event)
    name, following = fields.get("user_name", ""), page_path(fields.get("next", ""))
    try:
        customer_id = identity_provider.authenticate(name)
    except NotAuthenticatedError as error:
        return _form(event, name=name[:MAX_NAME_LENGTH], following=following, error=str(error))
    current_session().sign_in(
        customer_id,
        data={notices.KEY: "signed-in"},
        carry_data=True,
        client=describe(requests.header(event, "user-agent")),
    )
    return redirect(following)


@session(on_problem=explain)
def sign_out(_event: Mapping[str, Any], _context: object) -> dict[str, Any]:
    """POST /sign-out: ends the session, also for copies of its cookie."""
    current_session().sign_out()
    notices.leave("signed-out")
    return redirect("/sign-in")


def _way_to_the_provider(event: Mapping[str, Any], following: str) -> dict[str, Any]:
    name = provider.visitors_name()
    login = provider.login_path(following, again=name is not None)
    title, template = (_TITLE, _SIGN_IN_PROVIDER) if name is None else (_CONFIRM_TITLE, _CONFIRM_PROVIDER)
    return visitors_page(event, title, template.fill(name=name, login=login), path="/sign-in")


def _form(event: Mapping[str, Any], *, name: str, following: str, error: str = "") -> dict[str, Any]:
    customer_id = current_session().customer_id
    fields = {
        "name": name,
        "max_length": MAX_NAME_LENGTH,
        "following": following,
        "error": _ERROR.fill(text=error) if error else NOTHING,
        "state": _INVALID if error else NOTHING,
        "samples": NOTHING if customer_id and following != "/" else _SAMPLES.fill(following=following),
    }
    title, template = (_TITLE, _SIGN_IN) if customer_id is None else (_CONFIRM_TITLE, _CONFIRM)
    content = template.fill(customer_id=customer_id, **fields)
    if error:
        return visitors_page(event, f"Error: {title}", content, path="/sign-in", status=400)
    return visitors_page(event, title, content, path="/sign-in")
