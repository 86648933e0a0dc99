"""The session service while its table's key is replaced.

cdk deploy --app "python3 app.py"
"""

from aws_cdk import App, Environment, Stack
from aws_cdk import aws_kms as kms

from session_store.cdk import SessionService

USE = ("kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey*", "kms:ReEncrypt*")


class ReplacedKey(Stack):
    """Step 1: the functions may use both keys. Step 2: the table is under the successor."""

    def __init__(self, scope: App, construct_id: str) -> None:
        super().__init__(scope, construct_id, env=Environment(region="eu-central-1"))
        key = kms.Key(self, "Key", enable_key_rotation=True)
        successor = kms.Key(self, "Successor", enable_key_rotation=True)
        service = SessionService(self, "Sessions", encryption_key=key)  # step 2: encryption_key=successor
        for function in service.functions.values():
            successor.grant(function.function, *USE)


app = App()
ReplacedKey(app, "ReplacedKey")
app.synth()
