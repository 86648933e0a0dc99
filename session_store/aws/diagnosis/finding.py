"""The shape of a finding."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

from session_store.aws.advice import advice_for


class Severity(StrEnum):
    """How much a finding matters."""

    OK = "ok"
    NOTE = "note"  # works, and may surprise
    WARNING = "warning"  # works now, and may stop
    ERROR = "error"  # does not work


class Finding(NamedTuple):
    """One fact about the connection to AWS or about the table. It holds no secret and no error message of AWS.

    Attributes:
        severity: how much it matters.
        what: the fact, in one sentence.
        why: the reason, or where it comes from.
        fix: the next step, often a command. Empty when nothing is to be done.
    """

    severity: Severity
    what: str
    why: str
    fix: str = ""


def ok(what: str, why: str = "") -> Finding:
    """A fact that is as it should be."""
    return Finding(Severity.OK, what, why)


def note(what: str, why: str, fix: str = "") -> Finding:
    """A fact that may surprise."""
    return Finding(Severity.NOTE, what, why, fix)


def warning(what: str, why: str, fix: str) -> Finding:
    """A fact that may stop things from working."""
    return Finding(Severity.WARNING, what, why, fix)


def error(what: str, why: str, fix: str) -> Finding:
    """A fact that stops things from working."""
    return Finding(Severity.ERROR, what, why, fix)


def failed(
    what: str,
    failure: Exception,
    severity: Severity = Severity.ERROR,
    *,
    profile: str | None = None,
    region: str | None = None,
) -> Finding:
    """A finding about an exception of the SDK. Its message is not in it."""
    advice = advice_for(failure, profile=profile, region=region)
    return Finding(severity, what, f"{advice.code}: {advice.meaning}", advice.first_command)
