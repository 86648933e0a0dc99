"""Pages of the site about access patterns: the published schema's operation beside ours, and the measured cost."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Final

from docgen import published
from docgen.markdown import code, table
from docgen.pattern_cells import methods
from session_store.catalog import cost_texts
from session_store.catalog.access_patterns import ACCESS_PATTERNS
from session_store.catalog.pattern import When
from session_store.catalog.routes import BACKEND_ROUTES, USER_ROUTES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from session_store.catalog.costs import Cost
    from session_store.catalog.pattern import AccessPattern, Operation

FOLDER: Final = "patterns"
_WHEN: Final = {
    When.ALWAYS: "",
    When.CUSTOMER_KNOWN: ", when the customer is known",
    When.CUSTOMER_UNKNOWN: ", when the customer is not known",
}
_MEASURED: Final = (
    "`tests/contract/test_costs.py` measures each case on every engine that reports request units, and fails when a "
    "figure differs. The figures are those of items up to 1 KB, index included. RRU are read request units, WRU are "
    "write request units. Round trips are sequential."
)
_INTRODUCTION: Final = (
    f"The table follows a [published schema]({published.SOURCE}) with eight access patterns. Their names are kept. "
    "This project corrects two things in it, and adds the other patterns."
)


def pages() -> Iterator[tuple[str, Callable[[], str]]]:
    """The overview, then a page for each pattern: path and text."""
    yield f"{FOLDER}/README.md", _overview
    for pattern in ACCESS_PATTERNS:
        yield f"{FOLDER}/{pattern.name}.md", partial(_page, pattern)


def _overview() -> str:
    rows = (
        (
            f"[`{pattern.name}`]({pattern.name}.md)",
            methods(pattern),
            "yes" if pattern.name in published.PUBLISHED else "",
        )
        for pattern in ACCESS_PATTERNS
    )
    return "\n\n".join(
        (
            "# Access patterns",
            _INTRODUCTION,
            table(("access pattern", "method of `SessionStore`", "in the published schema"), rows),
            "## Two corrections",
            "Both concern [getLastLoginTimeByCustomerId](getLastLoginTimeByCustomerId.md).",
            published.LAST_LOGIN,
            published.LIMIT,
            "",
        )
    )


def _page(pattern: AccessPattern) -> str:
    parts = [f"# {pattern.name}", pattern.summary, _where(pattern), "## Operations", *_operations(pattern)]
    parts += ["## Cost", _costs(pattern), _MEASURED, ""]
    return "\n\n".join(parts)


def _where(pattern: AccessPattern) -> str:
    routes = [route.key for route in (*BACKEND_ROUTES, *USER_ROUTES) if pattern in route.patterns]
    lines = [f"- method of `SessionStore`: {methods(pattern)}", f"- grant of the table: `{pattern.grant_name}`"]
    lines += [f"- routes: {code(routes)}"] if routes else []
    return "\n".join(lines)


def _operations(pattern: AccessPattern) -> Iterator[str]:
    ours = "<br>".join(map(_operation, pattern.operations))
    theirs = published.PUBLISHED.get(pattern.name)
    if theirs is None:
        yield "The published schema does not have this access pattern."
        yield table(("here",), ((ours,),))
        return
    first = f"`{theirs.operation}` on the {theirs.target}: {theirs.keys}"
    yield table((f"[published schema]({published.SOURCE})", "here"), ((first, ours),))
    yield theirs.note


def _operation(operation: Operation) -> str:
    action = operation.action.removeprefix("dynamodb:")
    return f"`{action}` on the {operation.resource}{_WHEN[operation.when]}: {operation.purpose}"


def _costs(pattern: AccessPattern) -> str:
    return table(("case", "request units", "round trips"), map(_cost, pattern.costs))


def _cost(cost: Cost) -> tuple[str, str, str]:
    alone = (replace(cost, when=""),)
    return cost.when or "usual", cost_texts.units(alone), cost_texts.trips(alone)
