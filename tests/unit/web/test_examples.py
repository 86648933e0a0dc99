"""The examples of the web layer run, and do what they say."""

from __future__ import annotations

import json
import runpy
from typing import TYPE_CHECKING, Any

import pytest

from local.paths import ROOT
from session_store.testing import in_memory_store
from tests.support.browser import Browser
from tests.support.visitor import SAME_ORIGIN

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.support.reply import Reply

EXAMPLES = ROOT / "examples"


@pytest.fixture(autouse=True)
def table(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The table that the environment names, in memory."""
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    monkeypatch.setenv("SESSION_LAMBDA_DYNAMODB_TABLE_NAME", "sessions")
    monkeypatch.setenv("TABLE_NAME", "sessions")
    with in_memory_store():
        yield


@pytest.fixture
def shop() -> Callable[..., Reply]:
    """Opens pages of the decorated handler, as one browser."""
    handler = runpy.run_path(str(EXAMPLES / "decorated_handler.py"))["handler"]
    browser = Browser(handler)

    def open_page(route: str, /, **fields: str) -> Reply:
        browser.handler = lambda event, context: handler(
            event | {"routeKey": route, "body": json.dumps(fields)}, context
        )
        return browser.send(route.partition(" ")[0], SAME_ORIGIN)

    return open_page


def test_the_decorated_handler_counts_visits_and_keeps_the_cart_over_the_sign_in(shop: Callable[..., Reply]) -> None:
    assert [shop("GET /").json["visits"] for _ in range(3)] == [1, 2, 3]
    assert shop("POST /cart", item="tea").json == {"cart": ["tea"]}
    assert shop("POST /sign-in", name="ana", password="wrong").status == 401
    assert shop("POST /sign-in", name="ana", password="correct horse").json == {"customer": "ana"}
    assert shop("GET /").json == {"visits": 4, "customer": "ana", "cart": ["tea"]}
    assert shop("POST /sign-out").set_cookies[0].startswith("__Host-session=; Max-Age=0;")
    assert shop("GET /").json == {"visits": 1, "customer": None, "cart": []}
    assert shop("GET /nowhere").status == 404


def test_a_handler_written_for_session_lambda_runs_with_another_import(capsys: pytest.CaptureFixture[str]) -> None:
    said: dict[str, Any] = runpy.run_path(str(EXAMPLES / "session_lambda_migration.py"), run_name="__main__")

    assert capsys.readouterr().out == "1 2 1\n"
    assert said["lambda_handler"].__name__ == "lambda_handler"
