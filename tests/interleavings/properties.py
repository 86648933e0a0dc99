"""Properties that must hold during and after every run. `violations` judges one run. An empty list means it was right.

- No valid read begins after an acknowledged end. For an end that finds sessions by the index: once the next extension
  was due, and at once when strict.
- No update is lost: the data is what the acknowledged saves give in some order that respects which had been
  acknowledged before which began.
- No honest client is signed out. A session that was not ended is valid, for every token that its browser may hold.
- A failed operation raises a typed error that fits, and leaves nothing behind.
- No session points to an object in S3 that is not there.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import permutations
from typing import Any, Final

from session_store import ConflictError, InvalidTokenError, SessionNotFoundError, SessionState, TokenReuseError
from session_store.data.types import JSONObject
from session_store.storage import schema
from session_store.storage.items import read_session
from tests.interleavings.operations import CHILD, ELSEWHERE, SESSION, Operation, Subject
from tests.interleavings.scheduler import Fault, Loss, Outcome, Run
from tests.interleavings.world import DUE, FIRST_DATA, Beginning, World
from tests.support.bucket import BUCKET, pointed_to
from tests.support.forms import readable

_SECRET_ATTRIBUTES: Final = {"data", "family_hash", "head", "first_used", "rotation_key", "client"}


@dataclass(frozen=True)
class Participant:
    """One operation of a run with what became of it."""

    operation: Operation
    outcome: Outcome

    @property
    def acknowledged(self) -> bool:
        return self.outcome.error is None

    def ended(self, subject: Subject) -> bool:
        """Whether it has said that a session is over; a child is over with its session."""
        ends = self.operation.ends
        over = self.acknowledged and (subject in ends or (subject is CHILD and SESSION in ends))
        return over and (not self.operation.carries or self.outcome.value.replaced_session_id is not None)

    def may_end(self, subject: Subject) -> bool:
        touched = self.operation.ends | self.operation.may_end
        return subject in touched or (subject is CHILD and SESSION in touched)


@dataclass(frozen=True)
class Judgement:
    """One run under the properties; what its questions change in the world, the next run puts back."""

    world: World
    beginning: Beginning
    participants: Sequence[Participant]
    fault: Fault | None

    def violations(self) -> Iterator[str]:
        """Everything that is wrong, in words."""
        yield from self._errors()
        yield from self._reads_after_an_end()
        yield from self._activity()
        yield from self._objects()
        yield from self._data()
        yield from self._erasure()
        for subject in Subject:
            yield from self._life(subject)
        yield from self._starts()

    def _faulted(self, participant: Participant) -> bool:
        return self.fault is not None and participant is self.participants[self.fault.participant]

    # During the run

    def _errors(self) -> Iterator[str]:
        for participant in self.participants:
            error = participant.outcome.error
            if error is not None and not self._fits(participant, error):
                yield f"{participant.operation} failed with {error!r}"

    def _fits(self, participant: Participant, error: Exception) -> bool:
        others = [other for other in self.participants if other is not participant]
        if isinstance(error, InvalidTokenError):
            subject = None if isinstance(error, TokenReuseError) else participant.operation.admits
            return subject is not None and any(other.may_end(subject) for other in others)
        if isinstance(error, SessionNotFoundError):
            return any(other.may_end(SESSION) or other.may_end(ELSEWHERE) for other in others)
        met = any(participant.operation.meets & other.operation.changes for other in others)
        return isinstance(error, ConflictError) and met

    def _reads_after_an_end(self) -> Iterator[str]:
        for reader in self.participants:
            subject = reader.operation.admits or reader.operation.serves
            if subject is None or not reader.acknowledged or not reader.outcome.value:
                continue
            for ender in self.participants:
                over = ender.ended(subject) and reader.outcome.began_after(ender.outcome)
                # The index did not show the session, and nothing in the read has to notice.
                may_lag = self.beginning.lags and ender.operation.lags and not reader.operation.strict
                if over and not may_lag:
                    yield f"{reader.operation} served what {ender.operation} had ended"

    def _activity(self) -> Iterator[str]:
        """A use is recorded, or one within the last tenth of the idle timeout was."""
        uses = [one for one in self.participants if one.operation.admits and not one.operation.silent]
        used = [use for use in uses if use.acknowledged]
        row = self.world.row(self.beginning.id)
        if not used or row is None or row["session_state"]["S"] == "ended" or any(map(self._faulted, used)):
            return
        if self.world.clock.now() - read_session(row).last_seen_at >= DUE.total_seconds():
            yield "a use was not recorded"

    # Afterwards

    def _objects(self) -> Iterator[str]:
        for key in pointed_to(self.world.table.rows) - BUCKET.objects.keys():
            yield f"a session points to {key}, which is not there"

    def _data(self) -> Iterator[str]:
        saves = [participant for participant in self.participants if participant.operation.save]
        carried = [p for p in self.participants if p.operation.carries and p.ended(SESSION)]
        row = self.world.row(self.beginning.id)
        if carried:
            data = carried[0].outcome.value.session.data
        elif row is None or "data" not in row:
            return
        else:
            data = read_session(row, readable()).data.read()
            if read_session(row).version != 1 + sum(save.acknowledged for save in saves):
                yield f"version {read_session(row).version} after {len(saves)} saves"
        possible = list(_possible_data([save for save in saves if save.acknowledged]))
        if carried and any(save.operation.closes for save in saves):
            possible.append({})  # nothing is carried from a session that is closing
        if carried and self.fault and self.fault.loss is Loss.REPLY:
            # A save whose reply was lost, and whose session was then replaced, says that the session is gone, not
            # that nothing was saved: the new session may have it.
            possible += _possible_data([save for save in saves if save.acknowledged or self._faulted(save)])
        if data not in possible:
            yield f"data is {data}"

    def _erasure(self) -> Iterator[str]:
        shown = [self.beginning.elsewhere, *([] if self.beginning.lags else [self.beginning.session])]
        if any(p.operation.erases and p.acknowledged for p in self.participants):
            erased = {schema.session_partition_key(session.session_id) for session in shown}
            for partition_key, sort_key in self.world.table.rows:
                if partition_key in erased:
                    yield f"a row was left behind: {sort_key}"

    def _life(self, subject: Subject) -> Iterator[str]:
        over = [participant for participant in self.participants if participant.ended(subject)]
        if over:
            lags = self.beginning.lags and subject is not ELSEWHERE and all(p.operation.lags for p in over)
            yield from self._is_over(subject, lags=lags)
        elif not any(participant.may_end(subject) for participant in self.participants):
            for token in self._tokens(subject):
                yield from self._must_admit(token, f"{subject.name} was never ended", child=subject is CHILD)
        elif any(p.operation.closes and p.acknowledged for p in self.participants) and subject is SESSION:
            yield from self._must_refuse(self._tokens(subject)[0], "a closing session")

    def _is_over(self, subject: Subject, *, lags: bool) -> Iterator[str]:
        child = subject is CHILD
        if lags:
            self.world.clock.advance(DUE)
        for token in self._tokens(subject):
            yield from self._must_refuse(token, f"{subject.name} after its end", child=child)
        if child:
            return
        session = self.beginning.session if subject is SESSION else self.beginning.elsewhere
        row = self.world.row(session.session_id)
        if lags and row is not None and row["session_state"]["S"] == SessionState.CLOSING:
            return  # refused already, so it has no next extension: reads show it as closing until it runs out
        if self.world.store().get_session(session.session_id) is not None:
            yield f"get_session serves {subject.name} after its end"
        if row is not None and _SECRET_ATTRIBUTES & row.keys():
            yield f"the tombstone still has {_SECRET_ATTRIBUTES & row.keys()}"

    def _starts(self) -> Iterator[str]:
        for creator in self.participants:
            created = creator.outcome.value
            if not creator.acknowledged or creator.operation.creates is None:
                continue
            child = creator.operation.creates is CHILD
            others = [other for other in self.participants if other is not creator]
            enders = [other for other in others if other.operation.lags or (child and other.may_end(SESSION))]
            if child and any(other.ended(SESSION) and not other.operation.lags for other in others):
                yield from self._must_refuse(created.token, "a child of an ended session", child=True)
            elif all(creator.outcome.began_after(other.outcome) for other in enders) and not child:
                yield from self._must_admit(created.token, "a new session")
            elif not enders:
                yield from self._must_admit(created.token, "a new child", child=child)
            elif child:
                continue
            elif any(other.outcome.began_after(creator.outcome) and other.acknowledged for other in enders):
                yield from self._must_refuse(created.token, "a session from before an end-all", strict=True)
            else:
                yield from self._is_of_one_mind(created.token)

    def _is_of_one_mind(self, token: str) -> Iterator[str]:
        """A sign-in that races an end-all either falls under it or not, for every reader."""
        strictly = self._admits(token, strict=True)
        self.world.clock.advance(DUE)
        if self._admits(token) != strictly:
            yield f"a racing sign-in: strictly {strictly}, otherwise {not strictly}"

    # Questions

    def _tokens(self, subject: Subject) -> list[str]:
        """Every token that an honest browser may hold: replies arrive in any order, or not at all."""
        beginning = self.beginning
        held = {SESSION: beginning.token, CHILD: beginning.child_token, ELSEWHERE: beginning.elsewhere_token}
        acknowledged = [p for p in self.participants if p.acknowledged and p.operation.admits is subject]
        rotated = [p.outcome.value.token for p in acknowledged if p.operation.name.startswith("rotate")]
        return [held[subject], *(token for token in rotated if token is not None)]

    def _must_admit(self, token: str, what: str, *, child: bool = False) -> Iterator[str]:
        if not self._admits(token, child=child, strict=True):  # then it is admitted otherwise too
            yield f"refused: {what}"

    def _must_refuse(self, token: str, what: str, *, child: bool = False, strict: bool = False) -> Iterator[str]:
        if self._admits(token, child=child, strict=strict):
            yield f"admitted: {what}"

    def _admits(self, token: str, *, child: bool = False, strict: bool = False) -> bool:
        try:
            self.world.store().validate(token, child=child, strict=strict)
        except InvalidTokenError:
            return False
        return True


def violations(
    world: World, beginning: Beginning, operations: Sequence[Operation], run: Run, fault: Fault | None
) -> list[str]:
    """The violated properties of a run, as sentences."""
    participants = [Participant(*both) for both in zip(operations, run.outcomes, strict=True)]
    return list(Judgement(world, beginning, participants, fault).violations())


def _possible_data(saves: Sequence[Participant]) -> Iterator[JSONObject]:
    for order in permutations(saves):
        if any(early.outcome.began_after(late.outcome) for i, early in enumerate(order) for late in order[i + 1 :]):
            continue
        data: Any = dict(FIRST_DATA)
        for save in order:
            assert save.operation.save is not None
            data = save.operation.save(data)
        yield data
