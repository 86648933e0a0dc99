"""One session, clients in several regions."""

from session_store.aws import AwsSessions


def main() -> None:
    aws = AwsSessions(region="eu-west-1")
    print(aws.client("dynamodb").meta.region_name)  # eu-west-1
    print(aws.client("dynamodb", "us-east-1").meta.region_name)  # us-east-1
    print(aws.in_region("eu-north-1").client("dynamodb").meta.region_name)  # eu-north-1
    print("eu-north-1" in aws.session.get_available_regions("dynamodb"))  # True


if __name__ == "__main__":
    main()
