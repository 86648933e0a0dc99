"""Secrets of Secrets Manager, and the permission to read one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aws_cdk import aws_iam as iam

from session_store.cdk.checks import check_member, key_itself

if TYPE_CHECKING:
    from aws_cdk import aws_secretsmanager as secretsmanager


def check_secret(prop: str, value: secretsmanager.ISecret) -> secretsmanager.ISecret:
    """A secret of CDK's."""
    return check_member(prop, value, "secret_arn", "a secret of CDK, for instance from Secret.from_secret_name_v2")


def grant_read(grantee: iam.IGrantable, prop: str, secret: secretsmanager.ISecret) -> None:
    """Allow to read this secret, and to use its customer-managed key through Secrets Manager alone."""
    # A secret that is imported by its name has six characters more, which only AWS knows.
    arn = secret.secret_full_arn or f"{secret.secret_arn}-??????"
    iam.Grant.add_to_principal(grantee=grantee, actions=["secretsmanager:GetSecretValue"], resource_arns=[arn])
    if secret.encryption_key is None:
        return
    iam.Grant.add_to_principal(
        grantee=grantee,
        actions=["kms:Decrypt"],
        resource_arns=[key_itself(prop, secret.encryption_key).key_arn],
        conditions={"StringEquals": {"kms:ViaService": f"secretsmanager.{secret.env.region}.amazonaws.com"}},
    )
