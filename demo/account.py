"""Ends and renews sessions as an application has to when an account changes. The changes are stand-ins."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from demo import notices, provider, requests
from demo.answers import redirect, visitors_page
from demo.html import Template
from demo.problems import explain
from demo.requests import BadRequestError
from demo.sessions import RECENT
from session_store.web import current_session, session

if TYPE_CHECKING:
    from collections.abc import Mapping

JUST_NOW: Final = timedelta(minutes=1)
"""How old a sign-in may be for deleting the account."""

_ACCOUNT: Final = Template("account")
_DELETE: Final = Template("account_delete")


@session(required=True, strict=True, on_problem=explain)
def show(event: Mapping[str, Any], _context: object) -> dict[str, Any]:
    """GET /account."""
    visitor = current_session()
    content = _ACCOUNT.fill(name=provider.visitors_name(), binding=visitor.binding)
    return visitors_page(event, "Account", content, path="/account")


@session(strict=True, max_auth_age=RECENT, on_problem=explain)
def change_password(event: Mapping[str, Any], _context: object) -> dict[str, Any]:
    """POST /account/password: a new secret for this session, and on request the end of all others."""
    visitor, fields = current_session(), requests.form_of_this_session(event)
    visitor.rotate()
    if "end_others" in fields:
        visitor.sign_out_everywhere(except_here=True)
    notices.leave("password-changed-others-ended" if "end_others" in fields else "password-changed")
    return redirect("/account")


@session(strict=True, max_auth_age=JUST_NOW, on_problem=explain)
def confirm_deletion(event: Mapping[str, Any], _context: object) -> dict[str, Any]:
    """GET /account/delete: asks first. The step-up comes before the question, so no form is lost on the way."""
    visitor = current_session()
    content = _DELETE.fill(name=provider.visitors_name(), binding=visitor.binding)
    return visitors_page(event, "Delete the account", content, path="/account")


@session(strict=True, max_auth_age=JUST_NOW, on_problem=explain)
def delete(event: Mapping[str, Any], _context: object) -> dict[str, Any]:
    """POST /account/delete: no session of a deleted account goes on."""
    if "confirmed" not in requests.form_of_this_session(event):
        raise BadRequestError("not confirmed")
    current_session().sign_out_everywhere()
    notices.leave("account-deleted")
    return redirect("/sign-in")
