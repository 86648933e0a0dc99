"""A proxy, with its own certificate authority."""

from session_store.aws import AwsSessions, ClientSettings


def main() -> None:
    aws = AwsSessions(client=ClientSettings(proxies={"https": "http://proxy.example.com:3128"}))
    print(aws.client("sqs").meta.config.proxies)  # {'https': 'http://proxy.example.com:3128'}
    direct = ClientSettings(proxies={})  # HTTPS_PROXY does not count
    print(aws.client("sqs", settings=direct).meta.config.proxies)  # {}


if __name__ == "__main__":
    main()
