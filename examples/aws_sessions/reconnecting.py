"""Retries by the SDK, and the errors that are left."""

from botocore.exceptions import BotoCoreError, ClientError

from session_store.aws import AwsSessions, ClientSettings, advice_for


def main() -> None:
    aws = AwsSessions(client=ClientSettings(max_attempts=5, retry_mode="adaptive"))
    try:
        aws.client("dynamodb").describe_table(TableName="missing")
    except (BotoCoreError, ClientError) as error:
        advice = advice_for(error)
        print(advice.code, "later" if advice.temporary else "never")  # ResourceNotFoundException never


if __name__ == "__main__":
    main()
