"""A form that works only in its own session, and pages in place of the decorator's problem details."""

from __future__ import annotations

import base64
from html import escape
from typing import Any
from urllib.parse import parse_qsl

from session_store import SessionStore
from session_store.web import Problem, current_session, session

store = SessionStore.from_environment()
SAID = {
    "another-session": "Another account is signed in by now. Nothing was changed. Open the page again.",
    "session-required": "Sign in first.",
}


def say(problem: Problem, _event: dict[str, Any]) -> dict[str, Any]:
    """A page for people. It keeps the status and headers like Retry-After. The decorator adds the session's headers."""
    text = SAID.get(problem.name, "That did not work. Try again in a moment.")
    return problem.result | html(f"<h1>{text}</h1>", problem.status, problem.result["headers"])


@session(store=store, required=True, on_problem=say)
def handler(event: dict[str, Any], context: object) -> dict[str, Any]:  # noqa: ARG001 - Lambda's signature
    """GET /account and POST /account/delete."""
    return delete(event) if event["routeKey"] == "POST /account/delete" else show()


def show() -> dict[str, Any]:
    """The form carries the binding of the page's session."""
    visitor = current_session()
    return html(
        f"<h1>{escape(str(visitor.customer_id))}</h1>"
        '<form method="post" action="/account/delete">'
        f'<input type="hidden" name="binding" value="{visitor.binding}">'
        "<button>Delete the account</button></form>"
    )


def delete(event: dict[str, Any]) -> dict[str, Any]:
    """Another customer may have signed in since, in another tab. The form must not delete that account."""
    body = base64.b64decode(event["body"]).decode() if event.get("isBase64Encoded") else event["body"]
    current_session().check_binding(dict(parse_qsl(body)).get("binding"))
    current_session().sign_out_everywhere()
    return html("<h1>The account is deleted.</h1>")


def html(body: str, status: int = 200, headers: dict[str, str] | None = None) -> dict[str, Any]:
    """A page as a result."""
    return {
        "statusCode": status,
        "headers": {**(headers or {}), "Content-Type": "text/html; charset=utf-8"},
        "body": f"<!doctype html>{body}",
    }
