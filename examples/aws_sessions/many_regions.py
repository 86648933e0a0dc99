"""The same work in many regions at once."""

from session_store.aws import AwsSessions


def where(aws: AwsSessions) -> str:
    return str(aws.client("dynamodb").meta.region_name)


def main() -> None:
    outcomes = AwsSessions().fan_out(where, regions=["eu-west-1", "eu-north-1"])
    print(sorted(outcome.value or outcome.skipped for outcome in outcomes))  # ['eu-north-1', 'eu-west-1']


if __name__ == "__main__":
    main()
