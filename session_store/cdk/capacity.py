"""How the table's throughput is paid for and limited."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from aws_cdk import aws_dynamodb as dynamodb

from session_store.errors import InvalidInputError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from session_store.cdk.props import TableProps

_ON_DEMAND: Final = ("max_read_request_units", "max_write_request_units")
_REQUIRED: Final = ("max_read_capacity", "max_write_capacity")
_PROVISIONED: Final = (*_REQUIRED, "min_read_capacity", "min_write_capacity", "target_utilization_percent")


def billing_of(props: TableProps) -> dynamodb.Billing:
    """On demand, unless capacities are given. A provisioned index has the table's capacity without being told.

    Raises:
        InvalidInputError: some do not go together, or one is missing.
    """
    values: Mapping[str, int | None] = {name: props[name] for name in (*_ON_DEMAND, *_PROVISIONED)}
    given = [name for name in _PROVISIONED if values[name] is not None]
    if not given:
        return dynamodb.Billing.on_demand(
            max_read_request_units=values["max_read_request_units"],
            max_write_request_units=values["max_write_request_units"],
        )
    for name in _REQUIRED:
        if values[name] is None:
            raise InvalidInputError(name, f"must be given with {given[0]}: a provisioned table scales up to it")
    for name in _ON_DEMAND:
        if values[name] is not None:
            problem = f"must not be given with {given[0]}: it limits a table that is on demand"
            raise InvalidInputError(name, problem, value=values[name])
    return dynamodb.Billing.provisioned(
        read_capacity=_capacity("read", values), write_capacity=_capacity("write", values)
    )


def warm_throughput_of(props: TableProps) -> dynamodb.WarmThroughput | None:
    """The load that the table takes at once, and its index as well, because each new row is written to both."""
    reads, writes = props["warm_read_units_per_second"], props["warm_write_units_per_second"]
    if reads is None and writes is None:
        return None
    return dynamodb.WarmThroughput(read_units_per_second=reads, write_units_per_second=writes)


def _capacity(kind: str, values: Mapping[str, int | None]) -> dynamodb.Capacity:
    least, most = values[f"min_{kind}_capacity"] or 1, values[f"max_{kind}_capacity"] or 1
    if least > most:
        raise InvalidInputError(
            f"min_{kind}_capacity", f"must not be more than max_{kind}_capacity, {most}", value=least
        )
    return dynamodb.Capacity.autoscaled(
        min_capacity=least,
        max_capacity=most,
        # The capacity of a table that was on demand until it scales. The most, because less could throttle sign-ins.
        seed_capacity=most,
        target_utilization_percent=values["target_utilization_percent"],
    )
