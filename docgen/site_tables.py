"""The tables that the code generates. They stand on the site alone.

In the document a paragraph holds the place of a table. It has a link to the file that declares it:

    <!-- site: grants -->
    [grants.py](../session_store/cdk/grants.py) has a method for each grant.
"""

from __future__ import annotations

import json
import re
from functools import partial
from typing import TYPE_CHECKING, Final

from docgen import (
    cdk_tables,
    command_page,
    compared_sources,
    event_tables,
    exchanges,
    handle_table,
    http_tables,
    lambda_table,
    metric_tables,
    monitoring_tables,
    promise_tables,
    rooms,
    storage_answers,
    storage_times,
)
from docgen.markdown import code, table
from docgen.pattern_cells import PERMISSION_HEADINGS, permission_cells
from docgen.variables import settings, variables
from local.paths import ROOT
from session_store.catalog import cost_texts
from session_store.catalog.access_patterns import ACCESS_PATTERNS
from session_store.catalog.functions import Function
from session_store.catalog.permissions import BY_PROP, EVERY_ROUTE, OF_STREAMS, SIGNS_IN, key_actions, permissions_of
from session_store.catalog.routes import routes_of

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from session_store.catalog.pattern import Resource

_ANY_ROUTE: Final = "any route behind the authorizer"
_PLACE: Final = re.compile(r"<!-- site: (?P<name>\S+) -->\n(?:.+\n)+")


def filled(markdown: str) -> str:
    """A Markdown text with its tables in their places.

    Raises:
        KeyError: there is no table of that name.
    """
    return _PLACE.sub(lambda match: f"{TABLES[match['name']]()}\n", markdown)


def _access_patterns() -> str:
    rows = (
        (f"[`{each.name}`](../patterns/{each.name}.md)", cost_texts.units(each.costs), cost_texts.trips(each.costs))
        for each in ACCESS_PATTERNS
    )
    return table(("access pattern", "request units", "round trips"), rows).replace("; ", "<br>")


def _functions() -> str:
    return table(
        ("function", "routes", *PERMISSION_HEADINGS),
        (
            (
                f"`{function.value}`",
                ", ".join(route.operation_id for route in routes_of(function, EVERY_ROUTE)) or _ANY_ROUTE,
                *permission_cells(permissions_of(function)),
            )
            for function in Function
            if function not in OF_STREAMS
        ),
    )


def _functions_by_prop() -> str:
    of_limit = permissions_of(Function.CREATE, session_limit=True) - permissions_of(Function.CREATE)
    with_key = {function: key_actions(permissions_of(function)) for function in Function}
    rows = [("`max_sessions_per_customer`", code(SIGNS_IN), _with_resources(of_limit))]
    rows += [
        (
            "`encryption_key`",
            code(function for function in Function if with_key[function] == actions),
            f"{code(actions)} on the key, called by DynamoDB",
        )
        for actions in sorted(filter(None, set(with_key.values())), key=len)
    ]
    rows += [(f"`{each.prop}`", "all", f"{code(each.actions)} on {each.resource}") for each in BY_PROP]
    return table(("prop", "function", "may besides"), rows)


def _with_resources(permissions: Collection[tuple[str, Resource]]) -> str:
    return ", ".join(f"`{action}` on the {resource}" for action, resource in sorted(permissions))


def _environments() -> str:
    environments = json.loads((ROOT / "cdk.json").read_text(encoding="utf-8"))["context"]["environments"]
    columns = ("removal_policy", "deletion_protection", "point_in_time_recovery", "termination_protection")
    return table(
        ("environment", *(column.replace("_", " ") for column in columns)),
        (
            (f"`{name}`", *(str(settings.get(column, False)).lower() for column in columns))
            for name, settings in environments.items()
        ),
    )


def _decisions() -> str:
    files = sorted(file for file in (ROOT / "docs" / "decisions").glob("*.md") if file.name != "README.md")
    titles = (file.read_text(encoding="utf-8").partition("\n")[0].removeprefix("# ") for file in files)
    return "\n".join(f"- [{title}]({file.name})" for title, file in zip(titles, files, strict=True))


TABLES: Final[dict[str, Callable[[], str]]] = {
    "access-patterns": _access_patterns,
    "alarms": monitoring_tables.alarms,
    "asvs": promise_tables.requirements,
    "backend-exchanges": exchanges.backend_exchanges,
    "backend-routes": http_tables.backend_routes,
    "compared-sources": compared_sources.sources,
    "decisions": _decisions,
    "environments": _environments,
    "exit-statuses": command_page.exits,
    "events": event_tables.events,
    "execute-api-resources": http_tables.execute_api_resources,
    "functions": _functions,
    "functions-by-prop": _functions_by_prop,
    "grants": cdk_tables.grants,
    "props-of-the-parts": cdk_tables.parts,
    "rooms": rooms.package,
    "metrics": metric_tables.metrics,
    "monitoring-costs": monitoring_tables.costs,
    "security-hub": promise_tables.controls,
    "session-handle": handle_table.attributes,
    "settings": settings,
    "test-folders": rooms.test_folders,
    "lambda-dollars": lambda_table.lambda_dollars,
    "storage-answers": storage_answers.answers,
    "storage-dollars": storage_answers.dollars,
    "storage-times": storage_times.calls_and_times,
    "object-function": event_tables.permissions_on_objects,
    "stream-function": event_tables.permissions,
    "stream-filters": event_tables.wakes,
    "user-exchanges": exchanges.user_exchanges,
    "user-routes": http_tables.user_routes,
    "variables": variables,
} | {
    f"props-{name}": partial(cdk_tables.props, name) for name in cdk_tables.constructs() if name not in cdk_tables.PARTS
}
