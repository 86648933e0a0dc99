"""Another role, and a role behind it."""

from datetime import timedelta

from session_store.aws import AwsSessions


def main() -> None:
    aws = AwsSessions()
    ops = aws.assume_role("arn:aws:iam::111111111111:role/Ops", external_id="given by its owner", tags={"team": "ops"})
    audit = ops.assume_role("arn:aws:iam::222222222222:role/Audit", duration=timedelta(hours=1))
    print(ops.account, audit.account)  # 111111111111 222222222222
    print(audit.client("sts").get_caller_identity()["Account"])  # 222222222222


if __name__ == "__main__":
    main()
