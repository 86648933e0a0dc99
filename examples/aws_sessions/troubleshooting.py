"""A diagnosis, then the advice for an error."""

from botocore.exceptions import ClientError

from session_store.aws import AwsSessions, Severity, advice_for


def main() -> None:
    aws = AwsSessions(region="eu-west-1")
    for finding in aws.diagnose(table="missing"):
        if finding.severity is Severity.ERROR:
            print(finding.what)  # There is no usable table missing
    try:
        aws.client("dynamodb").describe_table(TableName="missing")
    except ClientError as error:
        print(advice_for(error, region="eu-west-1").first_command)  # aws dynamodb list-tables --region eu-west-1


if __name__ == "__main__":
    main()
