"""A daily run that keeps an access key younger than 90 days."""

from datetime import timedelta

from session_store.aws import AwsSessions, EncryptedCredentials, PassPhrase, rotate_access_key


def main() -> None:
    stored = EncryptedCredentials("credentials.json", PassPhrase("four words of your own"))
    done = rotate_access_key(AwsSessions(), stored, "work", max_age=timedelta(days=90))
    print(done.made_key, done.replaced_key_until)  # False None


if __name__ == "__main__":
    main()
