"""Daily backups of the session table in another region and account.

cdk deploy --app "python3 app.py" --all

Allow copies between accounts once, in the organization's management account:

aws backup update-global-settings --global-settings isCrossAccountBackupEnabled=true
"""

from aws_cdk import App, Duration, Environment, Stack
from aws_cdk import aws_backup as backup
from aws_cdk import aws_events as events
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms

from session_store.cdk import SessionService

HERE = Environment(account="111122223333", region="eu-central-1")
ELSEWHERE = Environment(account="444455556666", region="eu-west-1")
VAULT = "sessions-elsewhere"
KEPT = Duration.days(35)  # erased customers stay in backups for so long


class Elsewhere(Stack):
    """The vault of the other account, into which this account may copy."""

    def __init__(self, scope: App, construct_id: str) -> None:
        super().__init__(scope, construct_id, env=ELSEWHERE)
        copying = iam.PolicyStatement(
            actions=["backup:CopyIntoBackupVault"],
            principals=[iam.AccountPrincipal(HERE.account)],
            resources=["*"],
        )
        # For three days the lock can be taken back. Then nothing shortens it, not even the account's root.
        lock = backup.LockConfiguration(min_retention=Duration.days(7), changeable_for=Duration.days(3))
        backup.BackupVault(
            self,
            "Vault",
            backup_vault_name=VAULT,
            encryption_key=kms.Key(self, "Key", enable_key_rotation=True),
            access_policy=iam.PolicyDocument(statements=[copying]),
            lock_configuration=lock,
        )


class BackedUp(Stack):
    """The service, and a plan that copies its table."""

    def __init__(self, scope: App, construct_id: str) -> None:
        super().__init__(scope, construct_id, env=HERE)
        service = SessionService(self, "Sessions")
        arn = f"arn:{self.partition}:backup:{ELSEWHERE.region}:{ELSEWHERE.account}:backup-vault:{VAULT}"
        there = backup.BackupVault.from_backup_vault_arn(self, "There", arn)
        vault = backup.BackupVault(self, "Vault", encryption_key=kms.Key(self, "Key", enable_key_rotation=True))
        daily = backup.BackupPlanRule(
            backup_vault=vault,
            schedule_expression=events.Schedule.cron(hour="3", minute="0"),
            delete_after=Duration.days(7),
            copy_actions=[backup.BackupPlanCopyActionProps(destination_backup_vault=there, delete_after=KEPT)],
        )
        plan = backup.BackupPlan(self, "Plan", backup_plan_rules=[daily])
        plan.add_selection("Table", resources=[backup.BackupResource.from_dynamo_db_table(service.table.table)])


app = App()
Elsewhere(app, "Elsewhere")
BackedUp(app, "BackedUp")
app.synth()
