"""One place that says how the application talks to AWS."""

from dataclasses import replace
from functools import cache

from session_store.aws import AwsSessions, ClientSettings

SETTINGS = ClientSettings(connect_timeout=0.5, read_timeout=2, max_attempts=3, retry_mode="standard", pool=20)


@cache
def aws() -> AwsSessions:
    """The application's sessions."""
    return AwsSessions(client=SETTINGS)


def main() -> None:
    slow = replace(SETTINGS, read_timeout=60)  # a Lambda function that takes its time
    print(aws().client("dynamodb").meta.config.read_timeout)  # 2
    print(aws().client("lambda", settings=slow).meta.config.read_timeout)  # 60
    print(aws() is aws())  # True


if __name__ == "__main__":
    main()
