"""Access tokens: making one, verifying one, and a request behind a JWT authorizer against the Lambda authorizer's.

Each request has its share of the calls that make its session's tokens. A client asks for a new one when the last one
has run out. CPU times are those of our code: API Gateway's JWT authorizer runs none of it.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from bench.alternating import cpu_milliseconds, medians
from bench.issuing import AUDIENCE, Kms, issuer_of, published_issuer
from bench.report import Figure, ratio_figure
from bench.subject import TABLE_NAME, running_subject
from session_store import SessionStore
from session_store.cli.cost.lines import dollars_of_logs
from session_store.cli.cost.prices import read_prices
from session_store.cli.cost.question import Question
from session_store.jwt import verify
from session_store.testing import MovableClock, in_memory_store
from session_store.web import Authorizer

if TYPE_CHECKING:
    from session_store.observing import Observation

GOAL_VERIFY: Final = 0.5
# A signature costs as much as three requests to the gateway: tokens pay where each serves several requests.
GOALS_DOLLARS: Final = {"a minute": (60, 0.95), "a second": (1, 0.5)}
_MINUTES: Final = 4  # for which a signature serves
_LASTS: Final = 3600  # seconds of a session
_MILLION: Final = 1_000_000
_ROUNDS: Final = 40
_CALLS: Final = 10
_TRAFFIC: Final = Question(sessions_per_day=1, requests_per_session=1, data_bytes=100)  # for its defaults


def access_tokens() -> list[Figure]:
    """The figures of tokens."""
    return [*_minting(), *_times(), *_requests(), _revocation()]


def _minting() -> list[Figure]:
    clock, kms = MovableClock(), Kms()
    with in_memory_store(clock=clock) as store:
        token, issuer = store.create_session("ana").token, issuer_of(kms, clock)
        issuer.issue(partial(store.validate, token, strict=True))
        first = kms.signatures
        for _ in range(_MINUTES * 60):
            clock.advance(1)
            issuer.issue(partial(store.validate, token, strict=True))
    return [
        _exactly("mint: calls of KMS for the first token", first, 1),
        _exactly(
            f"mint: calls of KMS for {_MINUTES * 60} tokens in the next {_MINUTES} minutes", kms.signatures - first, 0
        ),
    ]


def _exactly(name: str, measured: int, goal: int) -> Figure:
    return Figure(name=name, measured=f"{measured}", goal=f"{goal}", met=measured == goal)


def _times() -> list[Figure]:
    """CPU times against dynoxide. Each token is made with a signature that was kept: KMS makes the others."""
    with running_subject() as subject, published_issuer() as issuer:
        os.environ.update(subject.environment)
        store = SessionStore(TABLE_NAME)
        mint = partial(issuer.issue, partial(store.validate, subject.token, strict=True))
        check = partial(verify, mint().token, issuer=str(issuer.settings.issuer), audience=AUDIENCE)
        decide = partial(Authorizer(store).answer, _event(subject.token))
        verified = medians(
            partial(cpu_milliseconds, check, _CALLS),
            partial(cpu_milliseconds, partial(store.validate, subject.token), _CALLS),
            rounds=_ROUNDS,
        )
        asked = medians(
            partial(cpu_milliseconds, mint, _CALLS), partial(cpu_milliseconds, decide, _CALLS), rounds=_ROUNDS
        )
    pause, _ = GOALS_DOLLARS["a minute"]
    share = pause / issuer.settings.ttl.total_seconds()
    return [
        ratio_figure(
            "verify in Python : a strong read of the session, CPU per call",
            measured=verified.ours,
            baseline=verified.baseline,
            unit="ms",
            limit=GOAL_VERIFY,
        ),
        ratio_figure(
            "JWT : Lambda authorizer, a request a minute: CPU per request",
            measured=asked.ours * share,
            baseline=asked.baseline,
            unit="ms",
            limit=GOAL_VERIFY,
        ),
    ]


@dataclass
class _Used:
    """The use of a session's requests, beside the requests to the gateway themselves."""

    functions: int = 0
    signatures: int = 0
    rru: float = 0
    wru: float = 0

    def note(self, observation: Observation) -> None:
        self.rru += observation.read_units
        self.wru += observation.write_units

    def dollars(self, gateway: int) -> float:
        """The price of that, and of so many requests to the gateway."""
        prices = read_prices()
        gb_seconds = self.functions * _TRAFFIC.milliseconds / 1000 * _TRAFFIC.memory / 1024
        return (
            prices["gateway_calls"].of(gateway)
            + prices["function_calls"].of(self.functions)
            + prices["function_gb_seconds"].of(gb_seconds)
            + dollars_of_logs(self.functions * _TRAFFIC.log_bytes, prices)
            + prices["read_units"].of(self.rru)
            + prices["write_units"].of(self.wru)
            + prices["signatures"].of(self.signatures)
        )


def _requests() -> list[Figure]:
    figures = []
    for name, (pause, limit) in GOALS_DOLLARS.items():
        number = _LASTS // pause
        ours, baseline = _with_tokens(pause), _with_function(pause)
        of = f"JWT : Lambda authorizer, a request {name}"
        for what, used, others in (
            ("calls of functions and KMS", ours.functions + ours.signatures, baseline.functions),
            ("read and write units", ours.rru + ours.wru, baseline.rru + baseline.wru),
        ):
            figures.append(
                ratio_figure(f"{of}: {what}", measured=used / number, baseline=others / number, unit="", limit=1)
            )
        # A client asks for a token by a route, so by the gateway, too.
        dollars = ours.dollars(number + ours.functions), baseline.dollars(number)
        million = [each * _MILLION / number for each in dollars]
        figures.append(
            ratio_figure(f"{of}: per million", measured=million[0], baseline=million[1], unit="dollars", limit=limit)
        )
    return figures


def _with_tokens(pause: int) -> _Used:
    """A session's requests with access tokens. No function runs for a request, one for each token does."""
    used, clock, kms, runs_out = _Used(), MovableClock(), Kms(), 0.0
    with in_memory_store(clock=clock, table_name=TABLE_NAME) as made:
        token, issuer = made.create_session("ana").token, issuer_of(kms, clock)
        store = SessionStore(TABLE_NAME, clock=clock, observer=used.note)
        for _ in range(0, _LASTS, pause):
            clock.advance(pause)
            if clock.now() >= runs_out:
                used.functions += 1
                runs_out = issuer.issue(partial(store.validate, token, strict=True)).expires_at.timestamp()
    used.signatures = kms.signatures
    return used


def _with_function(pause: int) -> _Used:
    """The same behind the Lambda authorizer, which runs for each."""
    used, clock = _Used(), MovableClock()
    with in_memory_store(clock=clock, table_name=TABLE_NAME) as made:
        token = made.create_session("ana").token
        authorizer = Authorizer(SessionStore(TABLE_NAME, clock=clock, observer=used.note))
        for _ in range(0, _LASTS, pause):
            clock.advance(pause)
            used.functions += authorizer.decide(_event(token)).is_authorized
    return used


def _revocation() -> Figure:
    """Seconds from the end of a session until the last request is let through, at worst: its token is new."""
    clock = MovableClock()
    with in_memory_store(clock=clock) as store:
        created, issuer = store.create_session("ana"), issuer_of(Kms(), clock)
        issued = issuer.issue(partial(store.validate, created.token, strict=True))
        store.end_session(created.session)
        delay = issued.expires_at.timestamp() - clock.now()
        refused = not Authorizer(store).decide(_event(created.token)).is_authorized
    ttl = issuer.settings.ttl.total_seconds()
    return Figure(
        name="JWT : Lambda authorizer, an ended session is refused after",
        measured=f"{delay:g} s at most",
        baseline="0 s" if refused else "never",
        goal=f"<= {ttl:g} s, 0 s",
        met=refused and delay <= ttl,
    )


def _event(token: str) -> dict[str, Any]:
    """A request as API Gateway asks about it."""
    return {
        "version": "2.0",
        "headers": {},
        "cookies": [f"__Host-session={token}"],
        "requestContext": {"http": {"method": "GET"}},
    }
