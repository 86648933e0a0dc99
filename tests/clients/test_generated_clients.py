"""Clients that are generated from the OpenAPI documents: they can be made, their types hold, and every route works.

`docs/decisions/openapi.md` says how the documents help generators.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from local.paths import ROOT
from session_store.catalog.route import Route
from session_store.catalog.routes import ROUTES
from tests.clients.generated import HEY_API, OPENAPI_FETCH, OPENAPI_GENERATOR, OPENAPI_PYTHON_CLIENT, Generator
from tests.support.deployed import Deployed
from tests.support.protected_api import ProtectedApi


@pytest.mark.parametrize(
    "generator",
    [
        OPENAPI_FETCH,
        pytest.param(OPENAPI_PYTHON_CLIENT, marks=pytest.mark.proof),
        pytest.param(OPENAPI_GENERATOR, marks=pytest.mark.proof),
        pytest.param(HEY_API, marks=pytest.mark.proof),
    ],
    ids=lambda generator: generator.name,
)
def test_a_generated_client_fits_strict_types_and_calls_every_route(
    deployed: Deployed, protected_api: ProtectedApi, tmp_path: Path, generator: Generator
) -> None:
    generator.make(tmp_path)
    generator.check_types(tmp_path)
    generator.call_every_route(
        tmp_path,
        *(deployed.url, f"http://{protected_api.host}", deployed.region),
        AWS_ACCESS_KEY_ID=deployed.credentials.access_key_id,
        AWS_SECRET_ACCESS_KEY=deployed.credentials.secret_access_key,
    )


# How each calls a route.
CALLS: dict[Generator, Callable[[Route], str]] = {
    OPENAPI_PYTHON_CLIENT: lambda route: f"{route.handler}.sync",
    OPENAPI_GENERATOR: lambda route: f".{route.handler}(",
    OPENAPI_FETCH: lambda route: f'{route.method}("{route.path}"',
    HEY_API: lambda route: f".{route.operation_id}(",
}


@pytest.mark.shows("N4")
@pytest.mark.parametrize("generator", CALLS, ids=lambda generator: generator.name)
def test_a_tour_has_every_route(generator: Generator) -> None:
    text = generator.tour.read_text(encoding="utf-8")
    assert [route.operation_id for route in ROUTES if CALLS[generator](route) not in text] == []


def test_the_page_has_the_commands_and_the_code_that_are_tested() -> None:
    page = (ROOT / "docs" / "generated-clients.md").read_text(encoding="utf-8")
    tours = "".join(generator.tour.read_text(encoding="utf-8") for generator in CALLS)
    commands = re.findall("```sh\n(?:npx )?(.*)\n```", page)
    lines = "".join(re.findall("```(?:python|ts)\n(.*?)```", page, re.DOTALL)).splitlines()

    assert commands == [" ".join(each.filled("openapi.json", "session_store")) for each in CALLS]
    assert [line for line in lines if line not in tours] == []
    assert lines
