"""Real Chromium: Debian's package, driven by Playwright."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Locator, Page, sync_playwright

NAME: Final = "chromium"
_FLAGS: Final = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
# Users have the back/forward cache. After `go_back` a page from it is there at once, and does not load.
_NOT_PLAYWRIGHTS: Final = ("--disable-back-forward-cache",)
_PATIENCE_MILLISECONDS: Final = 10_000
# How the browser reports an answer with a status of 400 or above, which some tests ask for.
_STATUS_MESSAGE: Final = "Failed to load resource: the server responded with a status of"


@contextmanager
def chromium() -> Iterator[Browser]:
    """The browser, running."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which(NAME), args=_FLAGS, ignore_default_args=_NOT_PLAYWRIGHTS
        )
        try:
            yield browser
        finally:
            browser.close()


class Visitor:
    """One person's browser on the demo (its URL has no slash at the end): a context with its own cookies, and one tab.

    The options are the context's, as Playwright names them.
    """

    def __init__(self, browser: Browser, url: str, **options: Any) -> None:
        self.url = url
        self.context: BrowserContext = browser.new_context(base_url=url, **options)
        self.context.set_default_timeout(_PATIENCE_MILLISECONDS)
        self.complaints: list[str] = []  # what the browser reported: violated policies, failed scripts
        self.context.on("console", self._note)
        self.context.on("weberror", lambda error: self.complaints.append(str(error.error)))
        self.page: Page = self.context.new_page()

    def open(self, path: str = "/") -> int:
        """Go to a page; returns the answer's status."""
        answer = self.page.goto(path)
        assert answer is not None
        return answer.status

    def press(self, name: str) -> None:
        self.page.get_by_role("button", name=name, exact=True).click()

    def sign_in(self, name: str) -> None:
        self.open("/sign-in")
        self.page.get_by_label("User name").fill(name)
        self.confirm()
        assert self.who == f"Signed in as {name}"

    def confirm(self) -> None:
        """Send the form of the sign-in page, whichever of its two headings it has."""
        with self.page.expect_navigation():
            self.page.locator("form.sign-in button").click()

    def add_one(self) -> int:
        """Add one to the number on the home page; returns the sum."""
        self.open()
        with self.page.expect_navigation():
            self.press("Add one")
        return self.count

    def opened_by(self, button: str) -> Page:
        """The window that a button opens."""
        with self.context.expect_page() as opened:
            self.press(button)
        return opened.value

    @property
    def count(self) -> int:
        """The number on the home page."""
        return count_on(self.page)

    @property
    def session_id(self) -> str:
        """The id of the session that the cookie stands for."""
        return str(self.cookie()["value"]).split(".")[1]

    @property
    def heading(self) -> str:
        return self.page.locator("h1").inner_text()

    @property
    def notice(self) -> str:
        """The page's notice, empty if it has none."""
        return "".join(self.page.get_by_role("status").all_inner_texts())

    @property
    def who(self) -> str:
        """The visitor as the header names them. On a phone a part is for screen readers alone."""
        return " ".join(self.page.locator(".who").inner_text().split())

    def fact(self, name: str) -> Locator:
        """The value that a page shows under a name."""
        return self.page.locator(f"dt:text-is('{name}') + dd")

    def cookie(self) -> Any:
        """The session's cookie, the only one but those of second windows."""
        (cookie,) = (each for each in self.context.cookies() if not each["name"].startswith("__Host-second"))
        return cookie

    def _note(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"} and not message.text.startswith(_STATUS_MESSAGE):
            self.complaints.append(message.text)


def count_on(page: Page) -> int:
    """The number on a home page."""
    return int(page.locator(".count").inner_text())
