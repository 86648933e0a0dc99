"""Profiles, and the wrong one."""

from session_store.aws import AwsSessions, WrongAccountError


def main() -> None:
    print(AwsSessions().profiles)  # ['default', 'work', 'home']
    work = AwsSessions("work", account="123456789012")
    print(work.region, work.account)  # eu-central-1 123456789012
    wrong = AwsSessions("home", account="999999999999")
    try:
        wrong.client("dynamodb").list_tables()
    except WrongAccountError as error:
        print(error.actual)  # 123456789012


if __name__ == "__main__":
    main()
