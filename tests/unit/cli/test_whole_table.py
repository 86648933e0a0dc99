"""The commands that go through the whole table: their results, their refusals, and how they end."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import boto3
import pytest

from local.paths import ROOT
from session_store import InvalidTokenError, SessionStore, UnreadableDataError
from session_store.clock import SystemClock
from session_store.large_data import LargeData
from tests.unit.cli.conftest import CommandLine, cache_nowhere


@pytest.fixture
def command_line(moto_command_line: CommandLine) -> CommandLine:
    return moto_command_line


def result(command_line: CommandLine, *arguments: str, stdin: str | bytes | None = None) -> dict[str, Any]:
    """The one row of a command that has to succeed."""
    (row,) = command_line.rows(*arguments, stdin=stdin)
    return row


def items_in(text: str) -> list[str]:
    return [line for line in text.splitlines() if line.startswith('{"Item"')]


def test_an_export_says_what_is_in_it_and_an_import_what_became_of_it(command_line: CommandLine) -> None:
    created = command_line.store.create_session("ABC", data={"cart": ["tea"]})

    exported = result(command_line, "export", "all.jsonl.gz")
    command_line.store.erase_customer("ABC")
    imported = result(command_line, "import", "all.jsonl.gz")

    assert (exported["file"], exported["rows"]) == ("all.jsonl.gz", 2)
    assert {"seconds", "per_second", "rru", "wru"} <= exported.keys() & imported.keys()
    assert (imported["created"], imported["ended"], imported["left_out"]) == (0, 1, 1)
    with pytest.raises(InvalidTokenError, match="ended"):
        command_line.store.validate(created.token)


def test_sessions_stay_valid_only_with_revive(command_line: CommandLine) -> None:
    created = command_line.store.create_session("ABC")
    result(command_line, "export", "all.jsonl")
    command_line.store.erase_customer("ABC")

    assert result(command_line, "import", "all.jsonl", "--revive")["created"] == 2
    assert command_line.store.validate(created.token, strict=True).customer_id == "ABC"


def test_an_export_names_large_data_that_is_not_in_it_and_has_it_with_the_buckets_variable(
    command_line: CommandLine,
) -> None:
    s3 = boto3.client("s3", region_name="us-east-1")
    s3.create_bucket(Bucket="large-data")
    large_data = LargeData("large-data", client=s3)
    store = SessionStore(command_line.store.table_name, clock=command_line.store.clock, large_data=large_data)
    created = store.create_session("ABC", data={"notes": "n" * 400_000})
    bucket = {"SESSION_LARGE_DATA_BUCKET": "large-data", "AWS_DEFAULT_REGION": "us-east-1"}

    without = command_line.run("export", "without")
    assert (without.exit_code, without.stderr) == (
        1,
        "Data in S3 of 1 sessions is not in the export: set SESSION_LARGE_DATA_BUCKET.\n",
    )
    assert command_line.run("export", "all", **bucket).exit_code == 0
    assert store.erase_customer("ABC").cursor is None
    assert command_line.run("import", "all", "--revive", **bucket).exit_code == 0
    assert store.validate(created.token).data == created.session.data


def test_without_a_file_the_export_is_on_stdout_and_talk_on_stderr(command_line: CommandLine) -> None:
    command_line.store.create_session("ABC")

    done = command_line.run("export")

    assert done.exit_code == 0
    assert len(items_in(done.stdout)) == 2
    assert done.stderr.startswith("2 rows in ")
    (first, *_) = done.stdout.splitlines()
    assert json.loads(first)["session_store_export"]["version"] == 1
    assert result(command_line, "import", "-", stdin=done.stdout)["there"] == 1


def test_an_export_without_secrets_is_told_by_its_first_line(command_line: CommandLine) -> None:
    command_line.store.create_session("ABC")
    result(command_line, "export", "all", "--without-secrets")

    done = command_line.run("import", "all", "--revive")

    assert done.exit_code == 2
    assert "without secrets" in done.stderr


def test_a_broken_line_is_named_and_the_exit_status_is_1(command_line: CommandLine) -> None:
    session = command_line.store.create_session("ABC").session
    result(command_line, "export", "all", "--segments", "1")
    lines = Path("all").read_text().splitlines()
    broken = next(number for number, line in enumerate(lines) if session.session_id in line)
    lines[broken] = lines[broken].replace('"version":{"N":"1"}', '"version":{"S":"1"}')
    Path("all").write_text("\r\n".join(lines) + "\r\n")

    done = command_line.run("import", "all")

    assert done.exit_code == 1
    assert f"Line {broken + 1} (session {session.session_id}): version is not of type N." in done.stderr
    assert json.loads(done.stdout)["broken"] == 1


@pytest.mark.parametrize(
    ("arguments", "status", "said"),
    [
        (("export", "finished"), 2, "is a finished export"),
        (("export", "notes"), 2, "is no export"),
        (("export", "nowhere/all"), 2, "No such file or directory"),
        (("export", "folder"), 2, "is a directory"),
        (("export", "all", "--cursor", "x"), 2, "--cursor goes with an export to stdout"),
        (("export", "--cursor", "x"), 2, "cursor: is none that this command printed"),
        (("export", "all", "--max-rcu", "0"), 2, "--max-rcu"),
        (("export", "all", "--segments", "65"), 2, "--segments"),
        (("import", "nowhere"), 2, "No such file or directory"),
        (("import", "notes"), 2, "does not begin as an export"),
        (("import", "newer"), 2, "newer session-store"),
        (("import", "-", "--revive"), 2, "give a FILE, not stdin"),
        (("import", "finished", "--cursor", "x"), 2, "none that an import printed"),
        (("import-samples", "notes"), 2, "no model of NoSQL Workbench"),
        (("import-samples", "nowhere"), 2, "No such file or directory"),
        (("verify", "--cursor", "x"), 2, "cursor: is none"),
        (("end", "--created-before", "yesterday"), 2, "no moment like 2026-11-27T10:00"),
        (("end", "--created-before", "2090-01-01", "--yes"), 2, "must have passed"),
        (("end", "--created-before", "2026-01-01"), 2, "add --yes, or --dry-run"),
        (("end", "--created-before", "2026-01-01", "--customer", "ABC"), 2, "Give the ID"),
        (("export", "all", "--table", "another"), 4, "there is no table another"),
    ],
)
def test_a_mistake_is_named(command_line: CommandLine, arguments: tuple[str, ...], status: int, said: str) -> None:
    result(command_line, "export", "finished")
    Path("notes").write_text("tea\n")
    Path("newer").write_text('{"session_store_export":{"version":99}}\n')
    Path("folder").mkdir()

    done = command_line.run(*arguments)

    assert (done.exit_code, done.stdout) == (status, "")
    assert said in done.stderr
    assert "To go on" not in done.stderr
    assert not Path("all").exists()


def test_stats_counts_what_there_is(command_line: CommandLine) -> None:
    for number in range(3):
        command_line.store.create_session(f"guest {number}", client="Firefox" if number else "Safari")

    counts = result(command_line, "stats", "--clients", "1")

    assert (counts["active"], counts["customers"], counts["rows"]) == (3, 3, 6)
    assert counts["clients"] == {"Firefox": 2}
    assert sum(counts["signed_in"].values()) == 3


def test_a_sound_table_has_no_finding(command_line: CommandLine) -> None:
    command_line.store.create_session("ABC")

    done = command_line.run("verify", "--fix")

    assert (done.exit_code, done.stdout) == (0, "")
    assert done.stderr.startswith("4 rows read, 0 findings")  # two of the table, two of the index
    assert command_line.run("verify", "--no-index").stderr.startswith("2 rows read")


def test_a_finding_has_its_row_its_meaning_and_its_repair(command_line: CommandLine) -> None:
    session = command_line.store.create_session("ABC").session
    rows = command_line.run("export").stdout.replace('"generation":{"N":"', '"generation":{"N":"9')
    command_line.store.erase_customer("ABC")
    customer = [line for line in rows.splitlines() if '"entity_type":{"S":"session"}' not in line]
    Path("all").write_text("\n".join(customer) + "\n")
    command_line.run("import", "all", "--revive")

    done = command_line.run("verify")

    assert done.exit_code == 1
    finding = json.loads(done.stdout)
    assert (finding["finding"], finding["partition_key"]) == ("from-the-future", "c#ABC")
    assert finding["fixed"] is None
    assert "1 findings, 0 of them repaired" in done.stderr
    assert session.session_id not in done.stdout


def test_all_from_before_a_moment_end_and_a_dry_run_says_how_many(command_line: CommandLine) -> None:
    created = command_line.store.create_session("ABC")
    later = (datetime.now(UTC) - timedelta(days=1)).isoformat()

    assert result(command_line, "end", "--created-before", later, "--dry-run")["sessions"] == 0
    assert result(command_line, "end", "--created-before", later, "--yes")["sessions_ended"] == 0
    assert command_line.store.validate(created.token).customer_id == "ABC"


def test_all_have_ended_once_a_cache_that_cannot_be_told_holds_none(
    command_line: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    waited: list[float] = []
    monkeypatch.setattr(SystemClock, "sleep", lambda _, seconds: waited.append(seconds))
    arguments = ("end", "--created-before", "2026-01-01")

    assert command_line.run(*arguments, "--dry-run", **cache_nowhere()).exit_code == 0
    assert waited == []
    assert command_line.run(*arguments, "--yes", **cache_nowhere()).exit_code == 0
    assert waited == [5]


def test_samples_can_be_looked_at(command_line: CommandLine) -> None:
    assert result(command_line, "import-samples", str(ROOT / "docs" / "nosql-workbench.json"))["created"] == 6
    assert len(command_line.rows("list", "ABC")) == 2


def test_the_help_of_export_says_what_it_is_worth_to_a_thief(command_line: CommandLine) -> None:
    said = " ".join(command_line.anywhere("export", "--help").stdout.split())

    assert "worth as much to a thief as the table" in said
    assert "with it and any token of a session" in said


def test_reencrypt_goes_by_the_environment_of_the_functions(
    command_line: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    created = command_line.store.create_session("ABC", data={"cart": ["tea"]})
    refused = command_line.run("reencrypt")
    key = boto3.client("kms").create_key()["KeyMetadata"]["Arn"]
    monkeypatch.setenv("SESSION_ENCRYPTION_KEYS", json.dumps([key]))
    monkeypatch.setenv("SESSION_STORE_ID", "shop")
    plain = command_line.run("reencrypt")
    monkeypatch.setenv("SESSION_ACCEPTS_PLAIN_DATA", "true")

    assert (refused.exit_code, plain.exit_code) == (2, 1)
    assert "nothing to encrypt with" in refused.stderr
    assert f"{created.session.session_id}: its data cannot be read" in plain.stderr
    assert result(command_line, "reencrypt", "--dry-run")["rows"] == 1
    assert result(command_line, "reencrypt")["encrypted"] == 1
    assert result(command_line, "show", created.session.session_id)["customer_id"] == "ABC"
    with pytest.raises(UnreadableDataError):
        command_line.store.validate(created.token)
