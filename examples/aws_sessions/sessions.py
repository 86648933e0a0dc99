"""The default session and one of your own."""

import boto3

from session_store.aws import AwsSessions


def main() -> None:
    print(boto3.client("sts").get_caller_identity()["Account"])  # 123456789012
    aws = AwsSessions()  # the same credentials and region
    print(aws.account)  # 123456789012
    print(aws.client("sqs") is aws.client("sqs"))  # True
    print(type(aws.session) is boto3.Session)  # True


if __name__ == "__main__":
    main()
