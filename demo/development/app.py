"""The function's handler in development: the pages, with a panel beside each."""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from demo import requests
from demo.answers import file_result, secured
from demo.development.calls import RecordingClient, Report
from demo.development.panel import panel
from demo.development.rows import rows_of
from session_store import SessionStore
from session_store.aws.connection import connect
from session_store.transport.replaced import replace_clients

if TYPE_CHECKING:
    from collections.abc import Mapping

_FOLDER: Final = Path(__file__).parent
_STYLE: Final = (_FOLDER / "panel.css").read_text(encoding="utf-8")
_STYLE_PATH: Final = "/static/development.css"
_LINK: Final = f'<link rel="stylesheet" href="{_STYLE_PATH}?v={hashlib.sha256(_STYLE.encode()).hexdigest()[:8]}">'
_OK: Final = 200
_MOST_REPORTS: Final = 100

# Of requests that sent the browser on, by the cookie that it has then: its next page shows them.
_sent_on: Final[OrderedDict[str, Report]] = OrderedDict()


def handler(event: Mapping[str, Any], context: object) -> dict[str, Any]:
    """Answer one request of the HTTP API (payload format 2.0)."""
    if requests.path(event) == _STYLE_PATH:
        return secured(file_result(_STYLE_PATH, _STYLE))
    client = _client()
    from demo.app import handler as pages  # noqa: PLC0415 - in Lambda their store is made now, and gets the client

    with client.recording() as calls:
        result = pages(event, context)
    report = Report(event["requestContext"]["http"]["method"], requests.path(event), tuple(calls))
    return _with_panel(result, event, report, client)


@cache
def _client() -> RecordingClient:
    """The client of every store that this process makes from here on."""
    client = RecordingClient(connect("dynamodb"))
    replace_clients(client)
    return client


def _with_panel(
    result: dict[str, Any], event: Mapping[str, Any], report: Report, client: RecordingClient
) -> dict[str, Any]:
    token = _token_after(result, event)
    if result["statusCode"] != _OK or not result["headers"]["Content-Type"].startswith("text/html"):
        _remember(token, report)
        return result
    reports = [each for each in (_sent_on.pop(token, None), report) if each]
    shown = panel(reports, rows_of(SessionStore.from_environment(), client, token))
    body = result["body"].replace("</head>", f"{_LINK}\n</head>", 1).replace("</main>", f"</main>\n{shown}", 1)
    return {**result, "body": body}


def _token_after(result: dict[str, Any], event: Mapping[str, Any]) -> str:
    """The token that the browser has after the answer, empty for none."""
    given = requests.cookie({"cookies": result.get("cookies", [])}, requests.COOKIE_NAME)
    return given.partition(";")[0] or requests.cookie(event, requests.COOKIE_NAME)


def _remember(token: str, report: Report) -> None:
    if token and report.method == "POST":
        _sent_on[token] = report
        while len(_sent_on) > _MOST_REPORTS:
            _sent_on.popitem(last=False)
