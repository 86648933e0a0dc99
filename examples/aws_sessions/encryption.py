"""An access key in an encrypted file."""

from session_store.aws import AwsSessions, EncryptedCredentials, PassPhrase, StaticCredentials


def main() -> None:
    stored = EncryptedCredentials("credentials.json", PassPhrase("four words of your own"))
    stored.save("work", StaticCredentials("AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"))
    print(stored.load("work"))  # StaticCredentials(access_key_id='AKIAIOSFODNN7EXAMPLE', expires_at=None)
    print(AwsSessions(credentials=stored.load("work")).account)  # 123456789012
    stored.rotate_key(PassPhrase("four other words of yours"))
    print(stored.names())  # ['work']


if __name__ == "__main__":
    main()
