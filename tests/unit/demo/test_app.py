"""The demo's handler on events as API Gateway sends them: what no browser would send, and what no browser shows."""

from __future__ import annotations

import base64
from typing import Any
from urllib.parse import urlencode

import pytest

from demo.app import ROUTES, handler
from demo.html import Html, Template
from demo.theft import impatient_store
from session_store import SessionStore
from session_store.errors import ConflictError, ThrottledError

FORM = {"content-type": "application/x-www-form-urlencoded", "sec-fetch-site": "same-origin"}
FORMS = [
    *("POST /account/password", "POST /account/delete", "POST /sessions/end", "POST /sessions/end-others"),
    "POST /theft",
]
NOTICE = '<p class="notice" role="status">'
FOR_VISITORS = {
    *("GET /", "POST /count", "GET /sign-in", "POST /sign-in", "POST /sign-out"),
    *("GET /second/{kind}", "GET /static/{file}", "$default"),
}
PAGES = ["/", "/sign-in", "/sessions", "/sessions/end-others", "/account", "/account/delete", "/theft"]


@pytest.fixture(autouse=True)
def store(session_store: SessionStore, monkeypatch: pytest.MonkeyPatch) -> SessionStore:
    """The store that the pages find in a function's environment."""
    impatient_store.cache_clear()
    monkeypatch.setattr("session_store.store.SessionStore.from_environment", lambda *_, **__: session_store)
    return session_store


def call(key: str, *, body: str = "", cookie: str = "", headers: dict[str, str] | None = None, **more: Any) -> Any:
    method, _, path = key.partition(" ")
    event = {"version": "2.0", "routeKey": key, "rawPath": path or "/nothing", "headers": headers or {}, "body": body}
    http = {"method": "GET" if key == "$default" else method}
    context = {"requestContext": {"http": http}, "cookies": [cookie] if cookie else []}
    return handler(event | context | more, None)


def head(path: str, cookie: str = "") -> Any:
    """Ask for the headers alone. The API has no route for that."""
    return call("$default", cookie=cookie, rawPath=path, requestContext={"http": {"method": "HEAD"}})


def cookie_of(answer: Any) -> str:
    """The first cookie that an answer sets, as the browser sends it."""
    cookie: str = answer["cookies"][0].partition(";")[0]
    return cookie


def sign_in(name: str = "ada") -> str:
    """Sign in; returns the cookie."""
    answer = call("POST /sign-in", body=f"user_name={name}", headers=FORM)
    assert answer["statusCode"] == 303
    return cookie_of(answer)


def post(key: str, cookie: str, **fields: str) -> Any:
    """Send a form of a page that was made in the session of the cookie."""
    return call(key, cookie=cookie, headers=FORM, body=urlencode({"binding": cookie.split(".")[1], **fields}))


def signed_out() -> str:
    """A customer's cookie that is worth nothing any more."""
    cookie = sign_in()
    call("POST /sign-out", cookie=cookie, headers=FORM)
    return cookie


def visitors() -> str:
    """The cookie of a live anonymous session."""
    return cookie_of(call("POST /count", headers=FORM))


def is_sent_to_the_sign_in(answer: Any) -> bool:
    """If a visitor's session is not enough, the browser is sent to the sign-in page."""
    location: str = answer["headers"].get("Location", "")
    return answer["statusCode"] == 401 or location.startswith("/sign-in?next=")


@pytest.mark.shows("T7")
@pytest.mark.parametrize("key", [route.key for route in ROUTES if route.key not in FOR_VISITORS])
def test_the_gateway_lets_every_request_through_to_a_customers_page_and_the_handler_does_not(key: str) -> None:
    for cookie in ("", "__Host-session=garbage", visitors(), signed_out()):
        assert is_sent_to_the_sign_in(call(key, cookie=cookie, headers=FORM))
    assert not is_sent_to_the_sign_in(call(key, cookie=sign_in(), headers=FORM))


@pytest.mark.parametrize(
    ("body", "headers", "more"),
    [
        ("user_name=ada", {**FORM, "content-type": "text/plain"}, {}),
        ("user_name=ada", {"sec-fetch-site": "same-origin"}, {}),
        ("x" * 5000, FORM, {}),
        ("&".join(f"f{number}=1" for number in range(20)), FORM, {}),
        ("user_name=%ff", FORM, {}),
        ("not base64!", FORM, {"isBase64Encoded": True}),
        ("dXNlcl9uYW1lPWFkYQ==é", FORM, {"isBase64Encoded": True}),
        ("user_name=\udcc3", FORM, {}),
    ],
    ids=["another type", "no type", "too large", "many fields", "not UTF-8", "not base64", "not ASCII", "not Unicode"],
)
def test_a_body_that_is_none_of_our_forms_is_a_bad_request(body: str, headers: dict[str, str], more: Any) -> None:
    answer = call("POST /sign-in", body=body, headers=headers, **more)

    assert answer["statusCode"] == 400
    assert "That did not work" in answer["body"]
    assert "cookies" not in answer


def test_a_form_may_come_in_base64() -> None:
    body = base64.b64encode(b"user_name=Ad%C3%A8le").decode()

    assert call("POST /sign-in", body=body, headers=FORM, isBase64Encoded=True)["statusCode"] == 303


@pytest.mark.parametrize("parameter", ["cursor", "notice", "next"])
def test_nothing_from_the_address_gets_into_a_page(parameter: str) -> None:
    cookie, text = sign_in(), "<b>hello</b>"
    for path in PAGES:
        answer = call(f"GET {path}", cookie=cookie, queryStringParameters={parameter: text})
        assert "hello" not in answer["body"]
        assert answer["statusCode"] == (400 if (parameter, path) == ("cursor", "/sessions") else 200)


def test_a_notice_waits_in_the_session_and_is_shown_once() -> None:
    cookie = sign_in()

    assert NOTICE not in call("GET /", queryStringParameters={"notice": "account-deleted"})["body"]
    assert [NOTICE in call("GET /", cookie=cookie)["body"] for _ in range(2)] == [True, False]


def test_as_many_first_visits_as_may_come_start_no_session() -> None:
    for path in ("/", "/sign-in", "/sessions", "/nothing"):
        for answer in (call(f"GET {path}") if path != "/nothing" else call("$default"), head(path)):
            assert not answer.get("cookies")


def test_head_gets_the_headers_of_get_without_a_body_and_uses_up_no_notice() -> None:
    cookie = sign_in()

    answers = [(head(path, cookie), call(f"GET {path}", cookie=cookie)) for path in PAGES]
    answers += [(head("/static/style.css"), call("GET /static/{file}", rawPath="/static/style.css"))]
    answers += [(head("/nothing"), call("$default")), (head("/sessions"), call("GET /sessions"))]

    assert not [of_head for of_head, _ in answers if of_head["body"]]
    assert NOTICE in answers[0][1]["body"]
    assert [of_head | {"body": ""} for of_head, _ in answers] == [of_get | {"body": ""} for _, of_get in answers]


@pytest.mark.parametrize("path", ["/sessions", "/account", "/theft"])
def test_a_page_that_asks_for_a_sign_in_keeps_the_header(path: str) -> None:
    for cookie in ("", signed_out()):
        page = call(f"GET {path}", cookie=cookie)["body"]
        assert "Not signed in" in page
        assert '<a class="button quiet small" href="/sign-in">' in page


def test_the_pages_have_no_panel_for_developers_of_their_own() -> None:
    for path in PAGES:
        assert "development" not in call(f"GET {path}", cookie=sign_in())["body"].partition("<footer>")[0]


def test_a_customer_who_is_signed_in_once_is_not_asked_to_sign_out_other_devices() -> None:
    cookie = sign_in()
    assert "You are signed in on no other device." in call("GET /sessions", cookie=cookie)["body"]
    sign_in()
    assert "You are signed in on no other device." not in call("GET /sessions", cookie=cookie)["body"]


def test_a_second_window_has_a_cookie_of_its_own_and_only_for_a_customer() -> None:
    cookie = sign_in()
    for kind in ("device", "thief"):
        path = f"/second/{kind}"
        answer = call("POST /second/{kind}", cookie=cookie, headers=FORM, rawPath=path)
        assert call("GET /second/{kind}", rawPath=path, cookie=cookie)["statusCode"] == 404  # it looks at no other
        shown = call("GET /second/{kind}", rawPath=path, cookie=cookie_of(answer))
        assert (answer["statusCode"], shown["statusCode"]) == (303, 200)
        assert {"Secure", "HttpOnly", "Path=/"} < set(answer["cookies"][0].split("; "))
        assert cookie.partition("=")[2] not in shown["body"]

    for refused in (
        call("POST /second/{kind}", rawPath="/second/other", cookie=cookie, headers=FORM),
        call("GET /second/{kind}", rawPath="/second/other", cookie=cookie),
    ):
        assert refused["statusCode"] == 404


def test_a_name_is_shown_as_it_is_and_never_as_html() -> None:
    answer = call("GET /", cookie=sign_in("%3Cscript%3E%22%26"))

    assert "<strong>&lt;script&gt;&quot;&amp;</strong>" in answer["body"]


def test_a_deletion_that_was_not_confirmed_is_refused() -> None:
    cookie = sign_in()

    assert post("POST /account/delete", cookie)["statusCode"] == 400
    assert call("GET /account", cookie=cookie)["statusCode"] == 200


@pytest.mark.parametrize("key", FORMS)
def test_a_form_of_another_session_changes_nothing_and_says_so(key: str) -> None:
    alices, bobs = sign_in("alice"), sign_in("bob")

    answer = post(key, bobs, binding=alices.split(".")[1], confirmed="yes", end_others="yes")

    assert answer["statusCode"] == 409
    assert "Another account is signed in" in answer["body"]
    assert "cookies" not in answer or not answer["cookies"]
    assert call("GET /account", cookie=bobs)["statusCode"] == 200


def test_a_long_list_goes_on_on_the_next_page_and_always_begins_with_this_device() -> None:
    cookie = sign_in()
    for _ in range(12):
        sign_in()

    first = call("GET /sessions", cookie=cookie)["body"]
    assert first.index("This device") < first.index("Sign out Unknown browser, 11 of 11")
    assert first.count('<li class="device">') == 11
    cursor = first.partition("/sessions?cursor=")[2].partition('"')[0]
    last = call("GET /sessions", cookie=cookie, queryStringParameters={"cursor": cursor})["body"]
    assert "This device" not in last
    assert "Sign out other devices" in last


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (ThrottledError("Query", "throttled"), (503, "2", "Back in a moment")),
        (ConflictError("changed"), (409, None, "Changed meanwhile")),
    ],
)
def test_what_the_store_refuses_is_explained_on_a_page(
    store: SessionStore, monkeypatch: pytest.MonkeyPatch, error: Exception, expected: tuple[int, str | None, str]
) -> None:
    cookie = sign_in()

    def fail(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(store, "increment", fail)
    answer = call("POST /count", cookie=cookie, headers=FORM)

    status, retry_after, title = expected
    assert (answer["statusCode"], answer["headers"].get("Retry-After")) == (status, retry_after)
    assert f'<h1 id="problem">{title}</h1>' in answer["body"]
    assert answer["headers"]["Content-Type"] == "text/html; charset=utf-8"
    assert "'none'" in answer["headers"]["Content-Security-Policy"]
    assert not answer.get("cookies")


def test_a_file_that_is_not_there_is_not_found() -> None:
    for name in ("nothing.css", "../app.py", ""):
        assert call("GET /static/{file}", rawPath=f"/static/{name}")["statusCode"] == 404


def test_every_route_is_listed_once() -> None:
    assert len({route.key for route in ROUTES}) == len(ROUTES)


def test_a_template_escapes_what_is_not_html_and_misses_no_value() -> None:
    filled = Template("sign_in_error").fill(text="<&>")

    assert filled == '<p class="error" id="user-name-error">&lt;&amp;&gt;</p>\n'
    assert isinstance(filled, Html)
    with pytest.raises(KeyError, match="text"):
        Template("sign_in_error").fill()
