"""Variables from `.env`, for a development machine."""

import os

from session_store.aws import load_env_file


def main() -> None:
    print(load_env_file(required=["STAGE", "TABLE_NAME"]))  # ['TABLE_NAME']
    print(os.environ["STAGE"])  # dev


if __name__ == "__main__":
    main()
