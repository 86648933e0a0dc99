"""Which requests get through to the embedded AWS."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from local.gate import READY_PATH, Message, Receive, Send, gated

API = "5e551040.execute-api.localhost:4566"


def answer(*headers: tuple[str, str], path: str = "/", kind: str = "http", origins: Sequence[str] = ()) -> Message:
    """The first message of the answer to a request; the emulator's own has the status 200."""
    answers: list[Message] = []

    async def emulator(scope: Message, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200})

    async def receive() -> Message:
        return {}

    async def send(message: Message) -> None:
        answers.append(message)

    sent = [(name.encode(), value.encode()) for name, value in headers]

    async def ask() -> None:
        await gated(emulator, origins=origins)({"type": kind, "path": path, "headers": sent}, receive, send)

    asyncio.run(ask())
    return answers[0]


def gets_through(host: str, origin: str | None = None, **options: str) -> bool:
    origins = [] if origin is None else [("origin", origin)]
    status: int = answer(("host", host), *origins, **options)["status"]
    assert status in {200, 403}
    return status == 200


@pytest.mark.parametrize("host", ["127.0.0.1:4566", "localhost:4566", "localhost", API])
def test_this_machines_own_names_get_through_and_so_do_their_own_pages(host: str) -> None:
    assert gets_through(host)
    assert gets_through(host, f"http://{host}")


@pytest.mark.parametrize(
    "host",
    [
        *(
            "evil.example",
            "evil.example:4566",
            "evil.localhost:4566",
            "127.0.0.1.evil.example",
            "127.0.0.1:4566:80",
            "",
        ),
        *("localhost.evil.example", "x.execute-api.localhost.evil.example", "evil.example#.execute-api.localhost"),
        *("a.b.execute-api.localhost", "bucket.s3.localhost", "user@localhost", "localhost\n", "LOCALHOST."),
    ],
)
def test_a_foreign_host_does_not_get_through(host: str) -> None:
    assert not gets_through(host)


def test_a_request_that_names_no_host_or_two_does_not_get_through() -> None:
    assert answer()["status"] == 403
    assert answer(("host", "localhost"), ("Host", "evil.example"))["status"] == 403


@pytest.mark.parametrize(
    "origin",
    [
        *("https://evil.example", "http://evil.localhost:4566", "null", "", "http://localhost:4566.evil.example"),
        # Other programs of this machine, among them those of its other users.
        *("http://localhost:3000", "http://127.0.0.1", "http://127.0.0.1:45660", "https://localhost:4566"),
    ],
)
@pytest.mark.parametrize("host", ["127.0.0.1:4566", API])
def test_a_page_of_another_site_or_of_another_port_does_not_get_through(host: str, origin: str) -> None:
    assert not gets_through(host, origin)


def test_one_good_origin_does_not_make_up_for_another() -> None:
    own, foreign = ("origin", "http://localhost"), ("origin", "https://evil.example")

    assert answer(("host", "localhost"), own, foreign)["status"] == 403


@pytest.mark.parametrize(
    "path", ["/_ministack/reset", "/_ministack/config", "/_localstack/health", "/_aws/execute-api/x"]
)
def test_the_emulators_control_routes_are_closed_under_every_name(path: str) -> None:
    assert not gets_through("127.0.0.1:4566", path=path)
    assert not gets_through(API, path=path)


def test_whether_it_is_ready_may_be_asked() -> None:
    assert gets_through("127.0.0.1:4566", path=READY_PATH)


def test_a_websocket_is_judged_in_the_same_way() -> None:
    assert answer(("host", "evil.example"), kind="websocket") == {"type": "websocket.close"}
    assert answer(("host", API), kind="websocket")["status"] == 200


def test_the_start_and_the_stop_of_the_server_are_no_requests() -> None:
    assert answer(kind="lifespan")["status"] == 200


def test_further_origins_get_through_when_they_are_named_and_no_others() -> None:
    page = ("origin", "https://app.example.com")

    assert answer(("host", API), page, origins=["https://app.example.com"])["status"] == 200
    assert answer(("host", API), page, origins=["https://app.example"])["status"] == 403
