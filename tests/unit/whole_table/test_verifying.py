"""Verification: it finds what is wrong and nothing else, and its repairs harm nothing that is alive."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from session_store import Refusal
from session_store.storage.attribute_values import Item
from session_store.whole_table.cursor import beginning
from session_store.whole_table.findings import MEANINGS, Finding, Kind
from session_store.whole_table.verifying import Choices, Verification, Verified
from tests.contract.refusals import refusal
from tests.support.engines import Engine, Memory
from tests.support.scene import Scene, SignedIn, children_of
from tests.unit.whole_table.tables import delete, put, row_of, rows_of, table_of

IN_BUCKETS = {Kind.UNUSED_OBJECT}  # tests/unit/large_data/test_verifying.py
INDEX_ATTRIBUTES = ("PK", "SK", "entity_type", "customer_id", "created_at", "last_login_time", "absolute_expires_at")


def found(scene: Scene, **choices: Any) -> list[Finding]:
    return outcome(scene, **choices)[1]


def outcome(scene: Scene, **choices: Any) -> tuple[Verified, list[Finding]]:
    verification = Verification(table_of(scene), Choices(**choices))
    findings = list(verification.findings())
    return verification.result, findings


def child_row(scene: Scene) -> Item:
    return next(row for key, row in rows_of(scene).items() if key[1].startswith("child"))


def customer_row(scene: Scene) -> Item:
    return rows_of(scene)["c#ana", "customer#ana"]


def change(scene: Scene, row: Item, **values: Any) -> None:
    """Write a row with other values, without those that are None."""
    changed = {name: value for name, value in (row | values).items() if value is not None}
    put(scene, changed)


def empty(scene: Scene) -> None:
    for row in rows_of(scene).values():
        delete(scene, row)


def with_ttl(number: int) -> Item:
    return {"ttl": {"N": str(number)}}


@dataclass(frozen=True)
class Fault:
    """How a fault gets into a table, and what has become of ana's session once it is repaired."""

    make: Callable[[Scene, SignedIn], object]
    verdict: Refusal | None = None
    reason: str = "signed_out"  # of the ended session


def _end_all_without_the_row(scene: Scene, ana: SignedIn) -> None:
    row = row_of(scene, ana.id)
    scene.other.end_customer_sessions("ana")
    put(scene, row)


def _let_a_row_go_early(scene: Scene, ana: SignedIn) -> None:
    for key, row in rows_of(scene).items():
        if key[1].startswith("child") and ana.id in key[0]:
            delete(scene, row)
    change(scene, row_of(scene, ana.id), collection_until=None, **with_ttl(17))


REPAIRED: dict[Kind, Fault] = {
    Kind.NO_TTL: Fault(lambda scene, ana: change(scene, row_of(scene, ana.id), ttl=None), Refusal.ENDED, "operator"),
    Kind.EARLY_TTL: Fault(_let_a_row_go_early),
    Kind.ROOT_GOES_FIRST: Fault(
        lambda scene, ana: change(scene, row_of(scene, ana.id), collection_until=None, **with_ttl(2209100000))
    ),
    Kind.NO_ROOT: Fault(lambda scene, ana: delete(scene, row_of(scene, ana.id)), Refusal.UNKNOWN),
    Kind.NO_CUSTOMER: Fault(lambda scene, _: delete(scene, customer_row(scene)), Refusal.ENDED, "all_ended"),
    Kind.REVOKED: Fault(_end_all_without_the_row, Refusal.ENDED, "all_ended"),
    Kind.CUSTOMER_GOES_FIRST: Fault(lambda scene, _: change(scene, customer_row(scene), **with_ttl(2209000000))),
}


def leave_data_in_a_tombstone(scene: Scene, ana: SignedIn) -> None:
    row = row_of(scene, ana.id)
    scene.other.end_session(ana.id)
    put(scene, row | row_of(scene, ana.id) | {"session_state": {"S": "ended"}})


REPAIRED[Kind.LEFTOVERS] = Fault(leave_data_in_a_tombstone, Refusal.ENDED)


def test_a_sound_table_has_no_finding(scene: Scene, ana: SignedIn) -> None:
    result, findings = outcome(scene)

    assert findings == []
    assert result.rows == len(rows_of(scene)) * 2  # the index, too
    assert result.left == 0


@pytest.mark.parametrize("kind", REPAIRED)
def test_a_fault_is_found_and_stays_until_it_is_to_be_repaired(scene: Scene, ana: SignedIn, kind: Kind) -> None:
    REPAIRED[kind].make(scene, ana)
    before = rows_of(scene)

    assert [(finding.kind, finding.fixed) for finding in found(scene)] == [(kind, None)]
    assert rows_of(scene) == before
    result, findings = outcome(scene, fix=True)
    assert [(finding.kind, finding.fixed) for finding in findings] == [(kind, True)]
    assert (result.fixed, result.left) == (1, 0)
    assert found(scene) == []
    assert refusal(scene.other, ana.token, strict=True) is REPAIRED[kind].verdict
    if REPAIRED[kind].verdict is Refusal.ENDED:
        assert row_of(scene, ana.id)["end_reason"] == {"S": REPAIRED[kind].reason}


def test_a_tombstone_without_a_ttl_keeps_its_reason(scene: Scene, ana: SignedIn) -> None:
    scene.other.end_session(ana.id, reason="theft")
    change(scene, row_of(scene, ana.id), ttl=None)

    assert [finding.fixed for finding in outcome(scene, fix=True)[1]] == [True]
    assert row_of(scene, ana.id)["end_reason"] == {"S": "theft"}


def test_what_this_version_cannot_read_is_left_alone(scene: Scene, ana: SignedIn) -> None:
    change(scene, row_of(scene, ana.id), session_state={"S": "suspended"})
    change(scene, customer_row(scene), generation={"N": "99999999999999"})
    put(scene, {"PK": {"S": "device#1"}, "SK": {"S": "c#ana"}, "entity_type": {"S": "device"}})
    before = rows_of(scene)

    findings = found(scene, fix=True)

    assert sorted(finding.kind for finding in findings) == [Kind.FROM_THE_FUTURE, Kind.UNREADABLE, Kind.UNREADABLE]
    assert {finding.fixed for finding in findings} == {None}
    assert rows_of(scene) == before


def test_no_finding_quotes_a_value_of_a_row(scene: Scene, ana: SignedIn) -> None:
    change(scene, row_of(scene, ana.id), data={"S": "secret tea"})
    leave_data_in_a_tombstone(scene, ana)

    assert "tea" not in str(found(scene))


def test_sessions_under_a_row_from_the_future_are_not_ended(scene: Scene, ana: SignedIn) -> None:
    """This machine's clock may be the wrong one."""
    right = customer_row(scene)
    change(scene, right, generation={"N": "99999999999999"})

    assert [finding.kind for finding in found(scene, fix=True)] == [Kind.FROM_THE_FUTURE]

    put(scene, right)
    assert refusal(scene.other, ana.token, strict=True) is None


# Beside live traffic


@pytest.mark.parametrize(
    "does",
    [
        lambda store, ana: store.increment(ana.id, "visits"),
        lambda store, ana: store.end_session(ana.id),
        lambda store, _: store.end_customer_sessions("ana"),
        lambda store, _: store.erase_customer("ana"),
        lambda store, ana: store.create_child_session(ana.id) if store.get_session(ana.id) else None,
        lambda store, _: store.create_session("ana"),
    ],
    ids=["save", "end", "end all", "erase", "child", "sign in"],
)
def test_live_traffic_before_any_request_is_no_fault(scene: Scene, ana: SignedIn, does: Callable[..., object]) -> None:
    for skip in range(8):
        scene.faults.clear()
        scene.faults.before(None, lambda: does(scene.other, ana), skip=skip)

        assert found(scene, fix=True, segments=1) == []


def test_a_session_that_an_end_of_all_keeps_meanwhile_is_not_ended(scene: Scene, ana: SignedIn) -> None:
    """Revoked when it was read, kept when it is to be repaired."""
    row = row_of(scene, ana.id)
    raised = {"generation": {"N": str(int(row["generation"]["N"]) + 1)}}
    change(scene, customer_row(scene), **raised)
    scene.faults.before("UpdateItem", lambda: put(scene, row | raised))

    (finding,) = found(scene, fix=True, index=False)

    assert (finding.kind, finding.fixed) == (Kind.REVOKED, False)
    assert refusal(scene.other, ana.token, strict=True) is None


@pytest.mark.shows("T111")
def test_a_repair_revives_nothing_that_ends_meanwhile(scene: Scene, ana: SignedIn) -> None:
    change(scene, row_of(scene, ana.id), **with_ttl(17))
    scene.faults.before("UpdateItem", lambda: scene.other.end_session(ana.id))

    (finding,) = found(scene, fix=True, index=False)

    assert finding.fixed is False
    assert refusal(scene.other, ana.token) is Refusal.ENDED


def test_moving_a_ttl_makes_no_session_of_a_row_that_is_gone(scene: Scene, ana: SignedIn) -> None:
    for kind in (Kind.EARLY_TTL, Kind.ROOT_GOES_FIRST, Kind.CUSTOMER_GOES_FIRST, Kind.NO_CUSTOMER, Kind.NO_TTL):
        signed_in = scene.other.create_session("ana")
        under = scene.other.create_child_session(signed_in.session)
        again = SignedIn(signed_in, under, "")
        REPAIRED[kind].make(scene, again)
        scene.faults.before("UpdateItem", lambda: empty(scene))

        found(scene, fix=True, index=False)

        assert rows_of(scene) == {}
        scene.faults.clear()


def test_a_live_child_is_not_deleted_when_its_root_shows_up(scene: Scene, ana: SignedIn) -> None:
    root = row_of(scene, ana.id)
    delete(scene, root)
    scene.faults.before("Query", lambda: put(scene, root))

    assert found(scene, fix=True, index=False) == []
    assert children_of(scene.other, ana.id)


def test_a_lost_reply_counts_as_repaired(scene: Scene, ana: SignedIn) -> None:
    delete(scene, customer_row(scene))
    scene.faults.lose_reply("UpdateItem")

    assert [finding.fixed for finding in found(scene, fix=True)] == [True]


# The index


@pytest.fixture
def hidden(scene: Scene, engine: Engine, ana: SignedIn) -> set[str]:
    """The partition keys that the index does not show."""
    assert isinstance(engine, Memory)
    return engine.table(scene.table_name).hidden


def test_a_row_that_the_index_lacks_is_found(scene: Scene, ana: SignedIn, hidden: set[str]) -> None:
    hidden.add(row_of(scene, ana.id)["PK"]["S"])

    findings = found(scene)

    assert {finding.kind for finding in findings} == {Kind.NOT_IN_INDEX}
    assert len(findings) == 2  # the session's and its child's


def test_an_index_that_only_lags_is_no_fault(scene: Scene, ana: SignedIn, hidden: set[str]) -> None:
    hidden.add(row_of(scene, ana.id)["PK"]["S"])
    scene.faults.before("Query", hidden.clear, skip=2)

    assert found(scene) == []


def test_what_the_index_alone_has_and_what_differs_is_found(
    scene: Scene, ana: SignedIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The replies about the index are from before: it never saw the changes."""
    child, root = child_row(scene), row_of(scene, ana.id)
    table = table_of(scene)
    send, gone = table.send, {"PK": {"S": f"{root['PK']['S'][:-4]}0000"}}

    def stale(operation: str, parameters: dict[str, Any], *more: Any) -> dict[str, Any]:
        reply = send(operation, parameters, *more)
        if "IndexName" in parameters:
            reply["Items"] = [
                row | ({"created_at": {"N": "1"}} if row["SK"] == child["SK"] else {}) for row in reply["Items"]
            ]
            asked = parameters.get("ExpressionAttributeValues", {}).get(":sk")
            if asked == gone["PK"] or operation == "Scan":
                reply["Items"].append({name: root[name] for name in INDEX_ATTRIBUTES} | gone)
        return reply

    monkeypatch.setattr(table, "send", stale)

    findings = list(Verification(table, Choices(segments=1)).findings())

    assert {(finding.kind, finding.partition_key, finding.sort_key) for finding in findings} == {
        (Kind.INDEX_DIFFERS, child["PK"]["S"], child["SK"]["S"]),
        (Kind.INDEX_ALONE, gone["PK"]["S"], root["SK"]["S"]),
    }


def test_a_table_without_the_index_is_said(scene: Scene, ana: SignedIn, monkeypatch: pytest.MonkeyPatch) -> None:
    table = table_of(scene)
    described = table.describe()
    monkeypatch.setattr(table, "describe", lambda: described._replace(projection=frozenset({"created_at"})))

    findings = list(Verification(table).findings())

    assert [finding.kind for finding in findings] == [Kind.NO_INDEX]


def test_it_goes_on_at_its_cursor(scene: Scene, ana: SignedIn) -> None:
    delete(scene, customer_row(scene))
    cursor = beginning(1)
    table = table_of(scene, max_rcu=1)
    scene.faults.fail("Scan", KeyboardInterrupt(), skip=3)
    whole = len(rows_of(scene))

    with pytest.raises(KeyboardInterrupt):
        list(Verification(table, cursor=cursor).findings())
    scene.faults.clear()
    rest = Verification(table_of(scene), cursor=cursor)
    list(rest.findings())

    assert 0 < rest.result.rows < whole


def test_every_kind_has_a_meaning_and_a_repair_or_an_advice() -> None:
    assert MEANINGS.keys() == set(Kind)
    assert all(bool(meaning.repair) is not bool(meaning.advice) for meaning in MEANINGS.values())
    assert {kind for kind, meaning in MEANINGS.items() if meaning.repair} == REPAIRED.keys() | IN_BUCKETS
