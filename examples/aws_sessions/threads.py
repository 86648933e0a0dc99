"""One session for all threads."""

from concurrent.futures import ThreadPoolExecutor

from session_store.aws import AwsSessions, ClientSettings


def main() -> None:
    aws = AwsSessions(client=ClientSettings(pool=32))  # as many connections as threads
    with ThreadPoolExecutor(32) as threads:
        clients = list(threads.map(lambda _: aws.client("dynamodb"), range(1000)))
    print(len(clients), len(set(map(id, clients))))  # 1000 1


if __name__ == "__main__":
    main()
