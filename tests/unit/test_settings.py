"""Settings: checks, variables and documents follow from the declarations, over which these tests walk."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from docgen.variables import READERS, sentences, settings, variables
from session_store import InvalidInputError, SessionSettings, SessionStore, StoreConfigurationError, Timeouts
from session_store.kernel.authorizer_settings import AuthorizerSettings
from session_store.kernel.web_settings import UserRouteSettings
from session_store.settings import TABLE_NAME
from tests.support.setting_values import BOUNDED, DECLARED, FAMILIES, OF_SESSIONS, Declared, name_of

EVERY_SETTING = pytest.mark.parametrize("declared", DECLARED, ids=name_of)
EVERY_BOUNDED_SETTING = pytest.mark.parametrize("declared", BOUNDED, ids=name_of)
WRONG_TYPES: list[Any] = [5.5, b"bytes", object()]


def refused(field: str, make: Callable[..., object], *values: Any, **settings: Any) -> str:
    """The message."""
    with pytest.raises(InvalidInputError) as error:
        make(*values, **settings)
    assert error.value.field == field
    return str(error.value)


@pytest.mark.shows("N2")
@EVERY_SETTING
def test_a_setting_is_described_and_its_variable_is_in_the_documents(declared: Declared) -> None:
    (row,) = (line for line in variables().splitlines() if line.startswith(f"| `{declared.kind.variable}` |"))

    assert re.fullmatch(r"SESSION_[A-Z_]+", declared.kind.variable)
    assert sentences(declared.family)[declared.name].endswith(".")
    assert f"| {declared.kind.unit} |" in row
    assert READERS[declared.family] in row


@pytest.mark.parametrize("declared", OF_SESSIONS, ids=name_of)
def test_a_rule_of_sessions_is_in_the_documents_with_its_default(declared: Declared) -> None:
    (row,) = (line for line in settings().splitlines() if line.startswith(f"| `{declared.name}` |"))

    assert sentences(SessionSettings)[declared.name] in row


def test_every_variable_has_one_meaning() -> None:
    for family in FAMILIES:
        kinds = family.kinds().values()
        assert len({kind.variable for kind in kinds}) == len(kinds)
    described = {(each.kind.variable, each.name, each.kind.unit) for each in DECLARED}
    assert len({variable for variable, _, _ in described}) == len(described)


@EVERY_SETTING
def test_a_setting_travels_through_the_environment(declared: Declared) -> None:
    changed = declared.make(declared.other)

    written = changed.environment()

    assert changed != declared.family()
    assert declared.family.from_environment(written) == changed
    assert written[declared.kind.variable] != declared.family().environment().get(declared.kind.variable)


@EVERY_SETTING
@pytest.mark.parametrize("text", [None, ""])
def test_a_variable_that_is_not_set_means_the_default(declared: Declared, text: str | None) -> None:
    environment = {} if text is None else {declared.kind.variable: text}

    assert declared.family.from_environment(environment) == declared.family()


@pytest.mark.parametrize(
    ("declared", "bad"),
    [(declared, bad) for declared in DECLARED for bad in WRONG_TYPES]
    + [(declared, bad) for declared in BOUNDED for bad in (True, timedelta(milliseconds=1500))],
    ids=lambda each: name_of(each) if isinstance(each, Declared) else repr(type(each)),
)
def test_a_value_of_another_type_is_refused_by_its_settings_name(declared: Declared, bad: Any) -> None:
    refused(declared.name, declared.make, bad)


@EVERY_SETTING
def test_only_a_setting_whose_default_is_none_may_be_none(declared: Declared) -> None:
    if declared.family.default(declared.name) is None:
        assert declared.kind.variable not in declared.make(None).environment()
    else:
        refused(declared.name, declared.make, None)


@EVERY_BOUNDED_SETTING
def test_a_settings_bounds_are_what_is_accepted(declared: Declared) -> None:
    kind = declared.kind
    default = declared.family.default(declared.name)

    assert default is None or kind.minimum <= default <= kind.maximum
    for accepted in (kind.minimum, kind.maximum):
        made = declared.make(accepted)
        assert declared.family.from_environment(made.environment()) == made
    for beyond in (kind.minimum - declared.step, kind.maximum + declared.step):
        refused(declared.name, declared.make, beyond)
        with pytest.raises(StoreConfigurationError, match=f"^environment variable {kind.variable}: .*got "):
            declared.family.from_environment({kind.variable: kind.write(beyond)})


@EVERY_BOUNDED_SETTING
@pytest.mark.parametrize("text", ["half an hour", '"60"', "1e300", "NaN", "1.5", "9" * 30, "9" * 5000, "{}"])
def test_a_variable_that_is_no_acceptable_number_is_named(declared: Declared, text: str) -> None:
    with pytest.raises(StoreConfigurationError, match=f"^environment variable {declared.kind.variable}: .*got "):
        declared.family.from_environment({declared.kind.variable: text})


@pytest.mark.parametrize("text", ["2026-01-01", "9" * 17, "9" * 40])
def test_a_moment_that_is_none_is_named_by_its_variable(text: str) -> None:
    with pytest.raises(StoreConfigurationError, match=r"^environment variable SESSION_NOT_BEFORE: .*got "):
        SessionSettings.from_environment({"SESSION_NOT_BEFORE": text})


def test_a_moment_without_a_zone_is_refused() -> None:
    with pytest.raises(InvalidInputError, match="not_before: must be a datetime with a time zone"):
        SessionSettings(not_before=datetime(2023, 5, 12))  # noqa: DTZ001 - that is what is bad

    seconds = SessionSettings(not_before=datetime(2023, 5, 12, 11, 30, tzinfo=UTC)).environment()["SESSION_NOT_BEFORE"]
    assert seconds == "1683891000"


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        *((timedelta(seconds=4), "4 s"), (timedelta(milliseconds=1500), "1.5 s"), (timedelta(0), "0 s")),
        *((timedelta(seconds=-90), "-90 s"), (timedelta(minutes=11), "11 min"), (timedelta(hours=1), "60 min")),
        *((timedelta(days=1), "24 h"), (timedelta(days=366), "366 days"), (timedelta(days=-5), "-5 days")),
    ],
)
def test_durations_are_shown_as_people_write_them(value: timedelta, shown: str) -> None:
    message = refused("rotation_grace", SessionSettings, rotation_grace=value)

    assert message == f"rotation_grace: must be whole seconds from 5 s to 10 min (got '{shown}')"


def test_an_idle_timeout_longer_than_the_absolute_one_is_named() -> None:
    message = refused("idle_timeout", SessionSettings, idle_timeout=timedelta(hours=13))
    assert message == "idle_timeout: must not be longer than the absolute timeout, 12 h (got '13 h')"

    with pytest.raises(StoreConfigurationError, match="SESSION_IDLE_TIMEOUT: must not be longer"):
        SessionSettings.from_environment({"SESSION_IDLE_TIMEOUT": "99999"})


@pytest.mark.parametrize(
    "name",
    [
        *("session", "__Secure-session", "__host-session", "__Host-", "__Host-a b", "__Host-a;b", "__Host-a=b"),
        *("__Host-é", "__Host-a\n", f"__Host-{'n' * 58}"),
    ],
)
def test_a_cookies_name_keeps_the_prefix_and_is_one_word(name: str) -> None:
    expected = "cookie_name: must be __Host- and 1 to 57 letters, digits, hyphens or underscores (got "

    assert refused("cookie_name", SessionSettings, cookie_name=name).startswith(expected)
    with pytest.raises(StoreConfigurationError, match="SESSION_COOKIE_NAME: must be __Host-"):
        SessionSettings.from_environment({"SESSION_COOKIE_NAME": name})


def test_an_authorizer_for_which_no_token_counts_is_refused() -> None:
    refused("cookie_only", AuthorizerSettings, bearer_only=True, cookie_only=True)


def test_both_timeouts_are_those_of_new_sessions() -> None:
    settings = SessionSettings(idle_timeout=timedelta(minutes=5), absolute_timeout=timedelta(hours=1))

    assert settings.timeouts == Timeouts(idle=timedelta(minutes=5), absolute=timedelta(hours=1))
    assert SessionSettings().timeouts == Timeouts()


NOT_ACCEPTABLE: dict[tuple[type[UserRouteSettings | AuthorizerSettings], str], list[str]] = {
    (UserRouteSettings, "SESSION_ALLOWED_ORIGINS"): [
        *("https://app.example.com", '"https://app.example.com"'),
        *('["https://app.example.com/"]', '{"https://app.example.com": 1}'),
    ],
    (UserRouteSettings, "SESSION_DATA_KEYS"): ['"cart"', "5", "[5]", '{"cart": 1}'],
    (AuthorizerSettings, "SESSION_ALLOWED_ORIGINS"): ["{"],
    (AuthorizerSettings, "SESSION_CONTEXT_DATA_KEYS"): ['"role"', '["customer_id"]', '{"role": 1}'],
    (AuthorizerSettings, "SESSION_REQUIRED_ACR"): ['"gold"', "[]", '["two words"]'],
    (AuthorizerSettings, "SESSION_STRICT"): ['"false"'],
    (AuthorizerSettings, "SESSION_BEARER_ONLY"): ["0"],
    (AuthorizerSettings, "SESSION_COOKIE_ONLY"): ["1"],
    (AuthorizerSettings, "SESSION_ALLOW_ANONYMOUS"): ["null"],
}


@pytest.mark.parametrize(
    ("family", "variable", "text"), [(*declared, text) for declared, texts in NOT_ACCEPTABLE.items() for text in texts]
)
def test_json_that_is_not_acceptable_names_its_variable(
    family: type[UserRouteSettings | AuthorizerSettings], variable: str, text: str
) -> None:
    with pytest.raises(StoreConfigurationError, match=f"^environment variable {variable}: "):
        family.from_environment({variable: text})


@pytest.mark.parametrize("field", ["allowed_origins", "data_keys"])
@pytest.mark.parametrize("bad", ["https://app.example.com", [""], [None]], ids=repr)
def test_several_names_are_not_one_text(field: str, bad: Any) -> None:
    refused(field, UserRouteSettings, **{field: bad})


def test_no_user_gets_the_key_that_says_how_they_authenticated() -> None:
    refused("data_keys", UserRouteSettings, data_keys=("theme", "$authentication"))


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        *((unset, "^set the environment variable TABLE_NAME to the table's name$") for unset in (None, "")),
        ("my sessions", "^environment variable TABLE_NAME: must be the table's name or ARN .*got 'my sessions'"),
    ],
)
def test_a_tables_name_that_is_missing_or_malformed_is_named(
    monkeypatch: pytest.MonkeyPatch, name: str | None, expected: str
) -> None:
    monkeypatch.setenv(TABLE_NAME, name) if name is not None else monkeypatch.delenv(TABLE_NAME, raising=False)

    with pytest.raises(StoreConfigurationError, match=expected):
        SessionStore.from_environment()


def test_a_store_from_the_environment_has_its_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {TABLE_NAME: "sessions", "AWS_DEFAULT_REGION": "us-east-1"}.items():
        monkeypatch.setenv(name, value)
    settings = SessionSettings(**{each.name: each.other for each in OF_SESSIONS})
    for name, value in settings.environment().items():
        monkeypatch.setenv(name, value)

    assert SessionStore.from_environment().settings == settings
