"""Everything that the fuzzer has found worth keeping is tried again."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.fuzz.targets import TARGETS

CORPUS = Path(__file__).parent / "corpus"


@pytest.mark.shows("T10")
@pytest.mark.parametrize("name", TARGETS)
def test_a_parser_bears_its_whole_corpus(name: str) -> None:
    samples = sorted((CORPUS / name).iterdir())

    assert len(samples) > 5
    for sample in samples:
        TARGETS[name](sample.read_bytes())
