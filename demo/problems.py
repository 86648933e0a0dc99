"""Pages for people in place of the problem details that `@session` answers with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlencode

from demo import requests
from demo.answers import anonymous, page, page_path, redirect, visitors_header
from demo.html import NOTHING, Html, Template

if TYPE_CHECKING:
    from collections.abc import Mapping

    from session_store.web import Problem

_PROBLEM: Final = Template("problem")
_KEPT: Final = "Retry-After"


@dataclass(frozen=True, slots=True)
class _Page:
    status: int
    title: str
    text: str
    action: str
    target: str = "/"


NOT_FOUND: Final = _Page(404, "There is no such page", "The address may be mistyped.", "Go to the home page")
BAD_REQUEST: Final = _Page(
    400,
    "That did not work",
    "This site has no form that sends such a request. Nothing was changed.",
    "Go to the home page",
)
NO_COPY: Final = _Page(
    404, "There is nothing here yet", "This window needs a cookie of its own first.", "See how to get one", "/theft"
)
_SIGN_IN_FIRST: Final = _Page(401, "Sign in first", "This page shows your own sessions.", "Sign in", "/sign-in")
_NOT_SIGNED_IN: Final = _Page(
    401,
    "You are not signed in",
    "Your session has ended. It expired, you ended it on another device, or a copy of its cookie was used.",
    "Sign in",
    "/sign-in",
)
_ANOTHER_SESSION: Final = _Page(
    409,
    "Another account is signed in",
    "You have signed in or out in another tab since you opened this page. Nothing was changed. "
    "Open the page again to see whose account it is.",
    "Open the page again",
)
_BY_STATUS: Final = {
    403: _Page(
        403,
        "Request refused",
        "It did not come from a page of this site. Nothing was changed. If you meant to do this, do it on this site.",
        "Go to the home page",
    ),
    409: _Page(409, "Changed meanwhile", "Another page of yours changed the same thing.", "See how it is now"),
    503: _Page(
        503,
        "Back in a moment",
        "We cannot read your session right now. Nothing is lost. Try again shortly.",
        "Try again",
    ),
}
_BY_NAME: Final = {"another-session": _ANOTHER_SESSION}


def show(
    problem: _Page, *, following: str = "/", header: Html = NOTHING, headers: Mapping[str, str] | None = None
) -> dict[str, Any]:
    """The page of a problem.

    Args:
        problem: which.
        following: where the visitor was going.
        header: see `page`.
        headers: further ones.
    """
    targets = {"/": following, "/sign-in": f"/sign-in?{urlencode({'next': following})}"}
    content = _PROBLEM.fill(
        status=problem.status,
        title=problem.title,
        text=problem.text,
        action=problem.action,
        target=targets.get(problem.target, problem.target),
    )
    return page(problem.title, content, status=problem.status, header=header, headers=headers)


def explain(problem: Problem, event: Mapping[str, Any]) -> dict[str, Any]:
    """A page in place of problem details, for `on_problem`. An old sign-in leads to the page that confirms it."""
    following = page_path(str(event.get("rawPath", "")))
    if problem.name == "reauthentication-required":
        return redirect(f"/sign-in?{urlencode({'next': following})}")
    signed_out = _NOT_SIGNED_IN if requests.presents_session(event) else _SIGN_IN_FIRST
    found = _BY_NAME.get(problem.name) or _BY_STATUS.get(problem.status, signed_out)
    kept = {name: value for name, value in problem.result["headers"].items() if name == _KEPT}
    return show(found, following=following, header=_header(problem), headers=kept)


def _header(problem: Problem) -> Html:
    """The customer who is signed in, as far as it is known without another look at the table."""
    if problem.status == 401:  # noqa: PLR2004
        return anonymous()
    return visitors_header() if problem.name == "another-session" else NOTHING
