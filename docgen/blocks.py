"""Generated blocks in Markdown files: between two markers stands what the code, or a file, says.

    <!-- begin access-patterns -->
    ...
    <!-- end access-patterns -->

A block's name is that of a table of `_TABLES`, or the path of a file in the checkout, which is shown as it is.
"""

from __future__ import annotations

import json
import re
from functools import partial
from typing import TYPE_CHECKING, Final

from docgen import cdk_tables, exchanges, handle_table, http_tables
from docgen.markdown import code, fenced, table
from docgen.pattern_cells import PERMISSION_HEADINGS, methods, permission_cells
from docgen.variables import settings, variables
from local.paths import ROOT
from session_store.catalog import cost_texts
from session_store.catalog.access_patterns import ACCESS_PATTERNS
from session_store.catalog.functions import Function
from session_store.catalog.permissions import BY_PROP, key_actions, permissions_of
from session_store.catalog.routes import routes_of

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from session_store.catalog.pattern import Resource

_BLOCK: Final = re.compile(r"(?P<begin><!-- begin (?P<name>\S+) -->\n).*?(?P<end><!-- end (?P=name) -->)", re.DOTALL)
_LANGUAGES: Final = {".py": "python", ".json": "json", ".sh": "sh", ".ts": "ts"}


def filled(markdown: str) -> str:
    """A Markdown text with all its blocks as they should be.

    Raises:
        FileNotFoundError: a block is named after neither a table nor a file.
    """
    return _BLOCK.sub(lambda match: f"{match['begin']}{_content(match['name'])}\n{match['end']}", markdown)


def _content(name: str) -> str:
    made = _TABLES.get(name)
    return made() if made else _file(name)


def _file(path: str) -> str:
    file = ROOT / path
    return fenced(_LANGUAGES[file.suffix], file.read_text(encoding="utf-8"))


def _access_patterns() -> str:
    return table(
        ("access pattern", "method of `SessionStore`", "request units", "round trips"),
        (
            (pattern.name, methods(pattern), cost_texts.units(pattern.costs), cost_texts.trips(pattern.costs))
            for pattern in ACCESS_PATTERNS
        ),
    )


def _functions() -> str:
    return table(
        ("function", "routes", *PERMISSION_HEADINGS),
        (
            (
                f"`{function.value}`",
                ", ".join(route.operation_id for route in routes_of(function)) or "any route behind the authorizer",
                *permission_cells(permissions_of(function)),
            )
            for function in Function
        ),
    )


def _functions_by_prop() -> str:
    of_limit = permissions_of(Function.CREATE, session_limit=True) - permissions_of(Function.CREATE)
    with_key = {function: key_actions(permissions_of(function)) for function in Function}
    rows = [("`max_sessions_per_customer`", code([Function.CREATE]), _with_resources(of_limit))]
    rows += [
        (
            "`encryption_key`",
            code(function for function in Function if with_key[function] == actions),
            f"{code(actions)} on the key, called by DynamoDB",
        )
        for actions in sorted(set(with_key.values()), key=len)
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


_TABLES: Final[dict[str, Callable[[], str]]] = {
    "access-patterns": _access_patterns,
    "backend-exchanges": exchanges.backend_exchanges,
    "backend-routes": http_tables.backend_routes,
    "decisions": _decisions,
    "environments": _environments,
    "execute-api-resources": http_tables.execute_api_resources,
    "functions": _functions,
    "functions-by-prop": _functions_by_prop,
    "grants": cdk_tables.grants,
    "session-handle": handle_table.attributes,
    "settings": settings,
    "user-exchanges": exchanges.user_exchanges,
    "user-routes": http_tables.user_routes,
    "variables": variables,
} | {f"props-{name}": partial(cdk_tables.props, name) for name in cdk_tables.constructs()}
