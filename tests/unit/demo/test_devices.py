"""Browsers in a few words."""

from __future__ import annotations

import pytest

from demo.devices import UNKNOWN, called, describe, is_handheld

_WINDOWS = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko)"
_MAC = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7)"
_IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko)"
_ANDROID = "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko)"


@pytest.mark.parametrize(
    ("user_agent", "expected"),
    [
        (f"{_WINDOWS} Chrome/140.0.0.0 Safari/537.36", "Chrome 140 on Windows"),
        (f"{_WINDOWS} Chrome/140.0.0.0 Safari/537.36 Edg/140.0.0.0", "Edge 140 on Windows"),
        (f"{_WINDOWS} Chrome/140.0.0.0 Safari/537.36 OPR/120.0.0.0", "Opera 120 on Windows"),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:143.0) Gecko/20100101 Firefox/143.0", "Firefox 143 on Linux"),
        (f"{_MAC} AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Safari/605.1.15", "Safari 18 on macOS"),
        (f"{_IPHONE} Version/18.5 Mobile/15E148 Safari/604.1", "Safari 18 on iPhone"),
        (f"{_IPHONE} CriOS/140.0.7339.39 Mobile/15E148 Safari/604.1", "Chrome 140 on iPhone"),
        (f"{_ANDROID} Chrome/140.0.0.0 Mobile Safari/537.36", "Chrome 140 on Android"),
        (f"{_ANDROID} SamsungBrowser/28.0 Chrome/130.0.0.0 Mobile Safari/537.36", "Samsung Internet 28 on Android"),
        ("Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) Chrome/140.0.0.0 Safari/537.36", "Chrome 140 on ChromeOS"),
        ("curl/8.5.0", UNKNOWN),
        ("", UNKNOWN),
    ],
)
def test_a_browser_is_described_by_its_name_version_and_system(user_agent: str, expected: str) -> None:
    assert describe(user_agent) == expected


def test_nothing_of_the_text_gets_into_the_description() -> None:
    assert describe("Chrome/<script>" + "\x00" * 10_000 + " Linux") == f"{UNKNOWN} on Linux"


@pytest.mark.parametrize(
    ("client", "expected"),
    [
        (f"{_WINDOWS} Chrome/140.0.0.0 Safari/537.36", "Chrome 140 on Windows"),
        ("Chrome 140 on Windows, second window", "Chrome 140 on Windows, second window"),
        ("the till of shop 3/4", "the till of shop 3/4"),
        (None, UNKNOWN),
    ],
)
def test_a_device_is_called_as_its_sign_in_has_named_it_and_a_browser_in_few_words(
    client: str | None, expected: str
) -> None:
    assert called(client) == expected


def test_phones_and_tablets_are_told_from_computers() -> None:
    systems = ("iPhone", "iPad", "Android", "macOS")

    assert [system for system in systems if is_handheld(f"Safari 18 on {system}")] == ["iPhone", "iPad", "Android"]
