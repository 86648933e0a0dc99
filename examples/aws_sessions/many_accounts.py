"""The same work in many accounts."""

from session_store.aws import AwsSessions


def count_tables(aws: AwsSessions) -> int:
    return len(aws.client("dynamodb").list_tables()["TableNames"])


def main() -> None:
    outcomes = AwsSessions().fan_out(count_tables, accounts=["111111111111", "222222222222"], role="Ops", workers=16)
    for outcome in sorted(outcomes, key=lambda outcome: outcome.account or ""):
        print(outcome.account, outcome.advice.meaning if outcome.advice else outcome.value)
        # 111111111111 0
        # 222222222222 0


if __name__ == "__main__":
    main()
