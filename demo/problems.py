"""Friendly pages in place of the problem details that `@session` answers with."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlencode

from demo import requests
from demo.answers import page, page_path, redirect
from demo.html import Template

if TYPE_CHECKING:
    from collections.abc import Mapping

_PROBLEM: Final = Template("problem")
_PROBLEM_JSON: Final = "application/problem+json"
_KEPT: Final = ("retry-after", "vary")


@dataclass(frozen=True, slots=True)
class _Page:
    status: int
    title: str
    text: str
    action: str
    target: str = "/"


NOT_FOUND: Final = _Page(404, "There is no such page", "The address may be mistyped.", "Go to the home page")
BAD_REQUEST: Final = _Page(
    400, "That did not work", "The request is none that this site makes. Nothing was changed.", "Go to the home page"
)
_SIGN_IN_FIRST: Final = _Page(401, "Sign in first", "This page is about your own sessions.", "Sign in", "/sign-in")
_NOT_SIGNED_IN: Final = _Page(
    401,
    "You are not signed in",
    "If you were, your session has ended: it expired, or it was ended on another device.",
    "Sign in",
    "/sign-in",
)
_ANOTHER_SESSION: Final = _Page(
    409,
    "Another account is signed in",
    "You have signed in or out in another tab since this page was opened, so nothing was changed. "
    "Open it again, and look whose it is.",
    "Open the page again",
)
_BY_STATUS: Final = {
    403: _Page(
        403,
        "Request refused",
        "It did not come from a page of this site, so nothing was changed. "
        "If you did mean to do this, open the site and do it there.",
        "Go to the home page",
    ),
    409: _Page(409, "Changed meanwhile", "Another page of yours changed the same thing.", "See how it is now"),
    503: _Page(
        503,
        "Back in a moment",
        "Sessions cannot be read right now, and every page needs one. Nothing is lost. Try again shortly.",
        "Try again",
    ),
}
_REAUTHENTICATION: Final = "reauthentication-required"
_BY_NAME: Final = {"another-session": _ANOTHER_SESSION}


def show(problem: _Page, *, following: str = "/", headers: Mapping[str, str] | None = None) -> dict[str, Any]:
    """The page of a problem.

    Args:
        problem: which.
        following: where the visitor was going.
        headers: further ones.
    """
    target = following if problem.target == "/" else f"{problem.target}?{urlencode({'next': following})}"
    content = _PROBLEM.fill(
        status=problem.status, title=problem.title, text=problem.text, action=problem.action, target=target
    )
    return page(problem.title, content, status=problem.status, headers=headers)


def friendly(result: dict[str, Any], event: Mapping[str, Any]) -> dict[str, Any]:
    """A handler's result. Problem details become a page, or the way to a sign-in where that is what it takes."""
    headers = {name.lower(): value for name, value in result["headers"].items()}
    if headers.get("content-type") != _PROBLEM_JSON:
        return result
    following = page_path("/" + str(event.get("rawPath", "")).split("/")[1])
    answer = _answer(json.loads(result["body"]), headers, event, following)
    return {**answer, "cookies": result.get("cookies", [])}


def _answer(
    problem: Mapping[str, Any], headers: Mapping[str, str], event: Mapping[str, Any], following: str
) -> dict[str, Any]:
    name = str(problem["type"]).rpartition(":")[2]
    if name == _REAUTHENTICATION:
        return redirect("/sign-in", next=following, notice="recent")
    signed_out = _NOT_SIGNED_IN if requests.presents_session(event) else _SIGN_IN_FIRST
    kept = {name.title(): value for name, value in headers.items() if name in _KEPT}
    found = _BY_NAME.get(name) or _BY_STATUS.get(problem["status"], signed_out)
    return show(found, following=following, headers=kept)
