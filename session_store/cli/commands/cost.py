"""`session-store cost`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from session_store.cli import options
from session_store.cli.columns import Column, text
from session_store.cli.command import operator_command
from session_store.cli.exits import Exit, Failure, say
from session_store.cli.output import Format

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from session_store.cli.output import Printer


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:,.3g}"  # noqa: PLR2004 - three digits are enough below it


def _dollars(value: float) -> str:
    return f"${value:,.2f}"


def _times(value: float) -> str:
    return f"{_number(value)} times today"


_UNITS: Final = (
    Column("calls a day", "calls"),
    Column("count", "count", _number),
    Column("read units", "rru", _number),
    Column("table write units", "table_wru", _number),
    Column("index write units", "index_wru", _number),
)
_PARTS: Final = (Column("part", "part"), Column("a month", "dollars", _dollars))
_LINES: Final = (
    Column("part", "part"),
    Column("amount", "amount", _number),
    Column("of", "unit"),
    Column("dollars", "dollars", _dollars),
    Column("for a", "per"),
)
_LIMITS: Final = (
    Column("traffic", "times", lambda times: f"{times:,} times"),
    Column("met", "met", lambda met: "yes" if met else "none; the nearest:"),
    Column("first limit", "limit", wraps=True),
    Column("of", "value", _number),
    Column("met at", "at", _times),
    Column("also met by then", "also", lambda names: ", ".join(names) or "-", from_width=100, wraps=True),
    Column("moved by", "remedy", text, from_width=120, wraps=True),
)
_OTHERS: Final = (
    Column("project", "project", wraps=True),
    Column("read units", "rru", _number),
    Column("write units", "wru", _number),
    Column("a month", "dollars", _dollars),
    Column("calls", "does", text, from_width=100, wraps=True),
)
_TABLES: Final = (
    ("units", "Request units", _UNITS),
    ("dollars", "Dollars, for a month of 30 days, without free tiers and taxes", _PARTS),
    ("lines", "Of these, the functions' own lines and their metrics", _LINES),
    ("limits", "The first limit of DynamoDB and Lambda, in the busiest second", _LIMITS),
    ("others", "The same traffic with other projects: request units alone", _OTHERS),
)


def _share(name: str, text: str) -> Callable[..., Any]:
    return click.option(name, type=float, metavar="SHARE", help=text)


def _amount(name: str, metavar: str, text: str, kind: type = float) -> Callable[..., Any]:
    return click.option(name, type=kind, metavar=metavar, help=text)


@operator_command(
    "cost",
    examples="""
        session-store cost --sessions-per-day 10000 --requests-per-session 20 --data-bytes 400 --chart costs.svg
        # An application's own functions under @session:
        session-store cost --sessions-per-day 1e6 --requests-per-session 50 --data-bytes 2000 --through decorator
        # With the prices of another region:
        python -m session_store.cli.cost.price_list eu-west-1 > prices.json
        session-store cost --sessions-per-day 1e6 --requests-per-session 50 --data-bytes 400 --prices prices.json
    """,
)
@click.option("--sessions-per-day", type=float, required=True, metavar="N", help="Sign-ins a day.")
@click.option(
    "--requests-per-session", type=float, required=True, metavar="N", help="Requests that check a session, on average."
)
@click.option("--data-bytes", type=int, required=True, metavar="N", help="The application's data in a session.")
@click.option(
    "--through",
    type=click.Choice(["api", "decorator"]),
    help="How sessions are reached: the HTTP API (default), or @session in your own functions.",
)
@_amount("--pause", "SECONDS", "Between two requests of a session, on average. Default 60.")
@_share("--changes", "Share of the requests that change data. Default 0.1.")
@_share("--signed-out", "Share of the sessions that a sign-out ends. Default 0.2.")
@_share("--new-customers", "Share of the sign-ins that are a customer's first. Default 0.05.")
@_amount("--sign-ins-per-month", "N", "Of one customer. Default 8.")
@_amount("--idle-timeout", "SECONDS", "Default that of the library's settings, like the next two.")
@_amount("--rotation-interval", "SECONDS", "Counts with --through decorator. 0 for no rotation.")
@_amount("--retention", "DAYS", "How long rows of ended sessions stay.")
@_amount("--peak", "TIMES", "The busiest second beside the average one. Default 4.")
@_amount("--memory", "MIB", "Of the functions. Default 512.", int)
@_amount("--milliseconds", "MS", "Billed for a call, cold starts included. Default 25; your REPORT lines know it.")
@_amount("--log-bytes", "N", "Logged for a call, with Lambda's and the gateway's lines. Default 1600.", int)
@_amount("--metrics", "N", "Custom metrics. Default: those of the functions.", int)
@click.option("--events/--no-events", default=None, help="With lifecycle events from the stream. Default: with.")
@click.option("--prices", metavar="FILE", help="Prices, as the script of the last example writes them.")
@click.option("--chart", metavar="FILE", type=click.Path(dir_okay=False), help="Also write a chart, as SVG.")
@options.printing
def command(*, printer: Printer, prices: str | None, chart: str | None, **given: Any) -> None:  # noqa: ANN401
    """Say what a deployment costs: request units, dollars a month, and the first limit that growth meets.

    Nothing is asked of AWS. Units come from the costs of the access patterns, which tests measure. Prices are data
    with a date. Averages stand for traffic: parallel requests, attacks and your own functions come on top, and so do
    large data in S3, calls to KMS and a cache.
    """
    from session_store.cli.cost.answer import answer, picture  # noqa: PLC0415 - the help needs none of it
    from session_store.cli.cost.prices import read_prices  # noqa: PLC0415
    from session_store.cli.cost.question import Question, Through  # noqa: PLC0415

    chosen = {name: value for name, value in given.items() if value is not None}
    if "through" in chosen:
        chosen["through"] = Through(chosen["through"])
    answered = answer(Question(**chosen), read_prices(prices))
    if printer.format is Format.TABLE:
        _print_tables(printer, answered)
    else:
        printer.one(answered, ())
    if chart is not None:
        _write(Path(chart), picture(answered))


def _print_tables(printer: Printer, answered: dict[str, Any]) -> None:
    for key, title, columns in _TABLES:
        click.echo(f"{title}\n")
        rows: Sequence[dict[str, Any]] = answered[key]
        printer.rows(rows, columns, none="")
        click.echo()
    of = answered["prices"]
    click.echo(f"Prices of {of['region']}, {of['date']}. From {of['source']}.")


def _write(file: Path, text: str) -> None:
    try:
        file.write_text(text, encoding="utf-8")
    except OSError as error:
        raise Failure(f"--chart: {file} cannot be written: {error.strerror}.", Exit.USAGE) from None
    say(f"Written: {file}")
