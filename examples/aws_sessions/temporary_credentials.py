"""Temporary credentials that another system hands out, asked for again before they end."""

from session_store.aws import AwsSessions, StaticCredentials


def fetch() -> StaticCredentials:
    """Stands for your vault, broker or CI system."""
    given = AwsSessions().client("sts").get_session_token(DurationSeconds=3600)["Credentials"]
    return StaticCredentials(
        given["AccessKeyId"], given["SecretAccessKey"], given["SessionToken"], expires_at=given["Expiration"]
    )


def main() -> None:
    aws = AwsSessions(credentials=fetch)
    print(aws.account)  # 123456789012


if __name__ == "__main__":
    main()
