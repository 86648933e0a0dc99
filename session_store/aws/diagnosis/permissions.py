"""Whether the identity may do what access patterns need: by IAM's simulation, or by calls that change nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from session_store.aws.diagnosis.asking import FAILURES, ask
from session_store.aws.diagnosis.dry_calls import try_call
from session_store.aws.diagnosis.finding import Finding, error, note, ok
from session_store.catalog.operator_policies import resources_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from session_store.aws.diagnosis.subject import Subject
    from session_store.aws.identity import Identity
    from session_store.catalog.pattern import AccessPattern, Resource

    Permission = tuple[str, Resource]

_SIMULATED: Final = "IAM simulated it"
_TRIED: Final = "Calls that change nothing tried it"
_ASSUMED: Final = ":assumed-role/"
_USER: Final = ":user/"


def check(
    subject: Subject,
    identity: Identity,
    table: str,
    patterns: Sequence[AccessPattern],
    arns: Mapping[Resource, str],
) -> Iterator[Finding]:
    """Findings about the permissions for access patterns on a table, one for each."""
    needed = {permission for pattern in patterns for permission in pattern.permissions()}
    how, allowed = _SIMULATED, _simulate(subject, identity, table, needed, arns)
    if allowed is None:
        how = _TRIED
        allowed = {permission: try_call(subject.client, table, *permission) for permission in needed}
    for pattern in patterns:
        yield _finding(pattern, how, allowed)


def _finding(pattern: AccessPattern, how: str, allowed: dict[Permission, bool | None]) -> Finding:
    verdicts = {permission: allowed.get(permission) for permission in sorted(pattern.permissions())}
    if False in verdicts.values():
        fix = f"table.{pattern.grant_name}(role) in the CDK app"
        return error(f"{pattern.name} is not granted", f"{how}. Missing: {_shown(verdicts, verdict=False)}", fix)
    if None in verdicts.values():
        why = f"{how}. It does not tell about {_shown(verdicts, verdict=None)}"
        return note(f"Whether {pattern.name} is granted is not known", why)
    return ok(f"{pattern.name} is granted", how)


def _shown(verdicts: dict[Permission, bool | None], *, verdict: bool | None) -> str:
    return ", ".join(f"{action} on the {of}" for (action, of), found in verdicts.items() if found is verdict)


def _simulate(
    subject: Subject, identity: Identity, table: str, needed: set[Permission], arns: Mapping[Resource, str]
) -> dict[Permission, bool | None] | None:
    """IAM's answer, None when it gives none: it must be allowed, and knows users and roles only."""
    table_arn = f"arn:{identity.partition}:dynamodb:{subject.aws.region}:{identity.account}:table/{table}"
    allowed: dict[Permission, bool | None] = {}
    try:
        client = subject.client("iam")
        principal = _principal(client, identity)
        if principal is None:
            return None
        for resource, arn in (resources_of(table_arn) | dict(arns)).items():
            actions = sorted(action for action, of in needed if of == resource)
            if actions:
                asked = {"PolicySourceArn": principal, "ActionNames": actions, "ResourceArns": [arn]}
                results = ask(client, "simulate_principal_policy", "EvaluationResults", **asked)
                allowed |= {(each["EvalActionName"], resource): each["EvalDecision"] == "allowed" for each in results}
    except FAILURES:
        return None
    return allowed


def _principal(client: Any, identity: Identity) -> str | None:  # noqa: ANN401 - made at run time
    """The ARN of the user or of the role. That of a role's session lacks the role's path."""
    if _USER in identity.arn:
        return identity.arn
    if _ASSUMED not in identity.arn:
        return None
    role: str = ask(client, "get_role", "Role", "Arn", RoleName=identity.arn.split("/")[1])
    return role
