"""The demo in a real browser: what a host application has to do, seen by its users."""

from __future__ import annotations

import shutil
import uuid
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser

from tests.support.chromium import NAME, Visitor, chromium
from tests.support.deployed import Deployed
from tests.support.engines import engines_are_required

NewVisitor = Callable[..., Visitor]  # each with a browser of their own; options are those of Playwright's contexts


@pytest.fixture(scope="package")  # no longer: while it is open, Playwright's event loop counts as running
def browser() -> Iterator[Browser]:
    """Chromium, once for all tests of this folder."""
    if shutil.which(NAME) is None:
        assert not engines_are_required()
        pytest.skip(f"{NAME} is not installed (on Debian: apt install {NAME})")
    with chromium() as running:
        yield running


@pytest.fixture
def new_visitor(browser: Browser, deployed: Deployed) -> Iterator[NewVisitor]:
    """Makes visitors of the deployed demo."""
    yield from visitors_of(deployed.demo_url, browser)


def visitors_of(demo_url: str, browser: Browser) -> Iterator[NewVisitor]:
    """Makes visitors. At the end none of their browsers may have found anything to complain about."""
    visitors = []

    def make(url: str = demo_url, **options: Any) -> Visitor:
        visitors.append(Visitor(browser, url, **options))
        return visitors[-1]

    yield make
    complaints = [complaint for visitor in visitors for complaint in visitor.complaints]
    for visitor in visitors:
        visitor.context.close()
    assert not complaints


@pytest.fixture
def visitor(new_visitor: NewVisitor) -> Visitor:
    """A visitor without any cookie."""
    return new_visitor()


@pytest.fixture
def name() -> str:
    """A user name that no other test uses."""
    return f"visitor {uuid.uuid4()}"
