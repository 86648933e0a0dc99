"""A page of another site, open in the browser of the user who has started the embedded AWS."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from local.ports import HOST
from tests.support.deployed import Deployed
from tests.support.made_up import function_to_deploy, made_up_authorization

FETCH = "([url, options]) => fetch(url, options).then(answer => answer.status, () => 'no answer')"


class EmptyPages(BaseHTTPRequestHandler):
    """Another program of this machine."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def elsewhere() -> Iterator[str]:
    """The port of another program of this machine."""
    with ThreadingHTTPServer((HOST, 0), EmptyPages) as server:
        threading.Thread(target=server.serve_forever).start()
        yield str(server.server_address[1])
        server.shutdown()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    with browser.new_context() as context:
        yield context.new_page()


def functions(deployed: Deployed) -> list[dict[str, Any]]:
    client = deployed.aws.session().client("lambda", endpoint_url=deployed.aws.endpoint_url)
    return list(client.get_paginator("list_functions").paginate().search("Functions[]"))


@pytest.fixture
def deployment(deployed: Deployed) -> list[Any]:
    """The arguments of `fetch` with which a page deploys a function that would run as this user; it knows the key."""
    signed = made_up_authorization(deployed.aws.root.access_key_id, "lambda")
    body = function_to_deploy("of-a-page", functions(deployed)[0]["Role"])
    url = f"{deployed.aws.endpoint_url}/2015-03-31/functions"
    return [url, {"method": "POST", "headers": {"authorization": signed}, "body": body}]


@pytest.mark.shows("T69")
@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "evil.localhost"])
def test_a_page_of_another_port_deploys_nothing_even_with_the_key(
    page: Page, deployed: Deployed, elsewhere: str, deployment: list[Any], host: str
) -> None:
    page.goto(f"http://{host}:{elsewhere}/")

    assert page.evaluate(FETCH, deployment) == "no answer"
    assert "of-a-page" not in {each["FunctionName"] for each in functions(deployed)}


@pytest.mark.shows("T69")
def test_a_page_of_another_port_changes_nothing_by_a_request_that_asks_no_leave(
    page: Page, deployed: Deployed, elsewhere: str
) -> None:
    reset = f"{deployed.aws.endpoint_url}/_ministack/reset"
    page.goto(f"http://localhost:{elsewhere}/")
    page.set_content(f'<form method="post" action="{reset}"><button>Win a prize</button></form>')

    page.get_by_role("button").click()

    page.get_by_text("Refused: its Origin is a page of another site.").wait_for()
    assert functions(deployed)


@pytest.mark.shows("T69")
def test_a_site_whose_name_is_made_to_mean_this_machine_gets_no_answer_of_the_emulator(
    page: Page, deployed: Deployed, deployment: list[Any]
) -> None:
    page.goto(f"http://evil.localhost:{deployed.aws.port}/")

    assert page.get_by_text("Refused: its Host is no name of this machine").is_visible()
    assert page.evaluate(FETCH, ["/2015-03-31/functions", deployment[1]]) == 403
