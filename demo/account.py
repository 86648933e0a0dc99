"""Ends and renews sessions as an application has to when an account changes. The changes are stand-ins."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from demo import requests
from demo.answers import page, redirect
from demo.html import Template
from demo.requests import BadRequestError
from demo.sessions import RECENT
from session_store.web import current_session, session

if TYPE_CHECKING:
    from collections.abc import Mapping

_ACCOUNT: Final = Template("account")


@session(required=True, strict=True)
def show(event: Mapping[str, Any], _context: object) -> dict[str, Any]:
    """GET /account."""
    visitor = current_session()
    content = _ACCOUNT.fill(name=visitor.customer_id, minutes=RECENT // timedelta(minutes=1), binding=visitor.binding)
    return page("Account", content, path="/account", visitor=visitor, notice=requests.query(event).get("notice"))


@session(strict=True, max_auth_age=RECENT)
def change_password(event: Mapping[str, Any], _context: object) -> dict[str, Any]:
    """POST /account/password: a new secret for this session, and on request the end of all others."""
    visitor, fields = current_session(), requests.form_of_this_session(event)
    visitor.rotate()
    if "end_others" not in fields:
        return redirect("/account", notice="password-changed")
    visitor.sign_out_everywhere(except_here=True)
    return redirect("/account", notice="password-changed-others-ended")


@session(strict=True, max_auth_age=RECENT)
def delete(event: Mapping[str, Any], _context: object) -> dict[str, Any]:
    """POST /account/delete: no session of a deleted account goes on."""
    if "confirmed" not in requests.form_of_this_session(event):
        raise BadRequestError("not confirmed")
    current_session().sign_out_everywhere()
    return redirect("/sign-in", notice="account-deleted")
