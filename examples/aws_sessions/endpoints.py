"""Endpoints of emulators, and of your own network."""

from session_store.aws import AwsSessions, ClientSettings


def main() -> None:
    emulator = ClientSettings(endpoints={"s3": "http://127.0.0.1:9000", "*": "http://127.0.0.1:4566"})
    aws = AwsSessions(client=emulator)
    print(aws.client("s3").meta.endpoint_url)  # http://127.0.0.1:9000
    print(aws.client("sqs").meta.endpoint_url)  # http://127.0.0.1:4566


if __name__ == "__main__":
    main()
