from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from email.utils import format_datetime
from pathlib import Path

import pytest

from tests.support.answering import Answer, Asked, answering

NOW = datetime(2026, 11, 27, 12, 0, tzinfo=UTC)
IDENTITY = """<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult>
<Arn>arn:aws:iam::111111111111:user/ana</Arn><UserId>AIDAANA</UserId><Account>111111111111</Account>
</GetCallerIdentityResult></GetCallerIdentityResponse>"""


def identity(_asked: Asked) -> Answer:
    """AWS's answer at noon."""
    return Answer(body=IDENTITY, headers={"Date": format_datetime(NOW, usegmt=True)})


@pytest.fixture
def sts(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """An STS at which it is noon; its URL, which the environment has too, with a region and a key."""
    for name, value in (("DEFAULT_REGION", "eu-west-1"), ("ACCESS_KEY_ID", "AKIAANA"), ("SECRET_ACCESS_KEY", "hidden")):
        monkeypatch.setenv(f"AWS_{name}", value)
    with answering(identity) as url:
        monkeypatch.setenv("AWS_ENDPOINT_URL_STS", url)
        yield url


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Writes the SDK's configuration file."""
    file = tmp_path / "config"
    monkeypatch.setenv("AWS_CONFIG_FILE", str(file))

    def write(text: str) -> None:
        file.write_text(text)

    return write
