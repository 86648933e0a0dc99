"""Costs in words: `1 RRU + 2 WRU, 2 trips; anonymous: 2 WRU, 1 trip`. Only documents need them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from session_store.catalog.costs import Cost

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


def units(costs: Sequence[Cost]) -> str:
    """The request units of each case, for instance `1 RRU; strict: 2 RRU`."""
    return _cases(costs, _units)


def trips(costs: Sequence[Cost]) -> str:
    """Round trips of each case, as numbers, and those to a cache beside them."""
    return _cases(costs, _all_trips)


def sentence(costs: Sequence[Cost]) -> str:
    """Request units and round trips of each case, for instance `1 RRU, 1 trip; strict: 2 RRU, 2 trips`."""
    return _cases(costs, _both)


def _cases(costs: Sequence[Cost], said: Callable[[Cost], str]) -> str:
    """The usual case, then each one that differs from it."""
    usual, *others = costs
    texts = [_labelled(usual, said(usual))]
    for cost in others:
        if said(cost) == said(usual):
            continue
        beyond = _beyond(cost, usual)
        texts.append(_labelled(cost, f"{said(beyond)} more" if beyond else said(cost)))
    return "; ".join(texts)


def _beyond(cost: Cost, usual: Cost) -> Cost | None:
    """The additional cost of a case with the same shares as the usual one. None if an addition cannot express it."""
    rru, wru, trips = cost.rru - usual.rru, cost.wru - usual.wru, cost.trips - usual.trips
    if not cost.shares or cost.shares != usual.shares or min(rru, wru, trips) < 0:
        return None
    return Cost(rru, wru, trips)


def _labelled(cost: Cost, text: str) -> str:
    return f"{cost.when}: {text}" if cost.when else text


def _both(cost: Cost) -> str:
    noun = "trip" if cost.trips == 1 else "trips"
    return ", ".join(filter(None, (_units(cost), _trips(cost, f" {noun}"), _cache_trips(cost))))


def _all_trips(cost: Cost) -> str:
    return ", ".join(filter(None, (_trips(cost), _cache_trips(cost))))


def _units(cost: Cost) -> str:
    parts = _amounts(cost.rru, cost.wru)
    parts += [f"{' + '.join(_amounts(share.rru, share.wru))} per {share.per}" for share in cost.shares]
    return " + ".join(parts) or ("0 RRU" if cost.cache_trips else "")


def _cache_trips(cost: Cost) -> str:
    return f"{cost.cache_trips} to the cache" if cost.cache_trips else ""


def _trips(cost: Cost, noun: str = "") -> str:
    fixed = [f"{cost.trips}{noun}"] if cost.trips else []
    return " + ".join(fixed + [f"{share.trips} per {share.per}" for share in cost.shares if share.trips])


def _amounts(rru: float, wru: float) -> list[str]:
    return [f"{number:g} {unit}" for number, unit in ((rru, "RRU"), (wru, "WRU")) if number]
