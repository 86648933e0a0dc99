"""The return address and other arguments of a login: nothing leads to another site."""

from __future__ import annotations

import pytest

from tests.support.provider import Browser

BACKSLASH = "\\"


@pytest.mark.shows("T119")
@pytest.mark.parametrize(
    "address",
    [
        "https://evil.example",
        "https://shop.example.com/orders",
        "//evil.example",
        "///evil.example",
        "////evil.example",
        f"/{BACKSLASH}evil.example",
        f"{BACKSLASH}/evil.example",
        f"{BACKSLASH}{BACKSLASH}evil.example",
        f"/a{BACKSLASH}b",
        "/\t/evil.example",
        "\t//evil.example",
        " //evil.example",
        "/ /evil.example",
        "/\n/evil.example",
        "/\r\nLocation: https://evil.example",
        "/\x00/evil.example",
        "/\x7f",
        "/%2Fevil.example",
        "/%2f%2fevil.example",
        "/%5Cevil.example",
        "/%5c%5cevil.example",
        "/%252Fevil.example",
        "/%25252Fevil.example",
        "/%09/evil.example",
        "/%0d%0aSet-Cookie:a=b",
        "/a/%2e%2e%5cevil",
        "/a//evil.example%5c",
        "/..//evil.example",
        "/.//evil.example",
        "/a/..//evil.example",
        "/%2e//evil.example",
        "evil.example",
        "@evil.example",
        "user:password@evil.example",
        "https:evil.example",
        "https:/evil.example",
        "javascript:alert(1)",
        "data:text/html,x",
        "?a=b",
        "#a",
        ".",
        "",
        "/é",
        "/\u2028",
        "/\u3002evil",
        "/" + "x" * 512,
    ],
)
def test_an_address_that_could_lead_to_another_site_is_bad_input(browser: Browser, address: str) -> None:
    reply = browser.login(return_to=address)

    assert reply.outcome == (400, "invalid-input")
    assert reply.json["errors"][0]["field"] == "return_to"
    assert "evil" not in reply.text
    assert not reply.set_cookies


@pytest.mark.parametrize(
    "address",
    [
        "/",
        "/a",
        "/a/b.html",
        "/a/./b",
        "/a?next=https://other.example//x",
        "/a%20b?q=%C3%A9#part",
        "/a@b",
        "/~x",
        "/:80",
    ],
)
def test_a_path_of_this_site_is_kept_as_it_is(browser: Browser, address: str) -> None:
    reply = browser.sign_in(return_to=address)

    assert (reply.status, reply.headers["location"]) == (303, address)


@pytest.mark.parametrize("text", ["return_to=/a&return_to=//evil.example", "step_up=", "step_up=unknown"])
def test_other_parameters_that_are_wrong_are_bad_input(browser: Browser, text: str) -> None:
    assert browser.get("/auth/login", text).outcome == (400, "invalid-input")
    assert not browser.cookies
