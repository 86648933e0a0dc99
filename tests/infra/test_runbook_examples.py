"""The runbook's examples: backups in another account, and a key that is replaced."""

from __future__ import annotations

import json
import runpy

import pytest

from local.paths import ROOT
from tests.infra.templates import KEY, TABLE, Template

SELECTION = "AWS::Backup::BackupSelection"
PLAN = "AWS::Backup::BackupPlan"
VAULT = "AWS::Backup::BackupVault"


@pytest.fixture
def templates(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> dict[str, Template]:
    """The stacks of an example."""
    monkeypatch.setenv("CDK_VALIDATION", "false")  # CDK's own rules take seconds, and are held elsewhere
    assembly = runpy.run_path(str(ROOT / "examples" / request.param / "app.py"))["app"].synth()
    return {stack.stack_name: Template(stack.template) for stack in assembly.stacks}


@pytest.mark.parametrize("templates", ["backups"], indirect=True)
def test_the_table_is_copied_into_a_vault_that_lets_its_account_in_and_loses_nothing(
    templates: dict[str, Template],
) -> None:
    here, there = templates["BackedUp"], templates["Elsewhere"]
    (vault,) = there.properties(VAULT)
    ((rule,),) = (each["BackupPlan"]["BackupPlanRule"] for each in here.properties(PLAN))
    (copy,) = rule["CopyActions"]
    (selection,) = here.properties(SELECTION)

    (statement,) = vault["AccessPolicy"]["Statement"]
    assert (statement["Action"], "111122223333" in json.dumps(statement["Principal"])) == (
        "backup:CopyIntoBackupVault",
        True,
    )
    place = f":backup:eu-west-1:444455556666:backup-vault:{vault['BackupVaultName']}"
    assert json.dumps(copy["DestinationBackupVaultArn"]).endswith(f'{place}"]]}}')
    assert copy["Lifecycle"]["DeleteAfterDays"] >= vault["LockConfiguration"]["MinRetentionDays"]
    assert here.only(TABLE)[0] in json.dumps(selection["BackupSelection"]["Resources"])


@pytest.mark.parametrize("templates", ["replaced_key"], indirect=True)
def test_while_a_key_is_replaced_every_function_may_use_both(templates: dict[str, Template]) -> None:
    template = templates["ReplacedKey"]
    old, new = sorted(template.resources(KEY))
    (table,) = template.properties(TABLE)
    assert old.startswith("Key")
    assert old in json.dumps(table)
    for function in template.properties("AWS::Lambda::Function"):
        allowed = template.permissions(function["Role"]["Fn::GetAtt"][0])
        keys = [on for action, on in allowed if action == "kms:Decrypt"]
        assert all(any(key in each for each in keys) for key in (old, new))
