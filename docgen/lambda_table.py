"""The table of a million validations as Lambda's time, from the recorded run."""

from __future__ import annotations

from bench import lambda_time, recorded
from docgen.markdown import table


def lambda_dollars() -> str:
    """A million validations as Lambda's time."""
    run = recorded.read("lambda")
    names = ("own", "botocore")
    rows = table(
        (
            "memory",
            *(f"{name}: ms each" for name in names),
            *(f"{name}: {each}" for name in names for each in lambda_time.PRICES),
            "a ms of waiting",
        ),
        (_row(memory, [run[name] for name in names]) for memory in lambda_time.MEMORIES),
    )
    return f"{rows}\n\nMeasured on {run['date']} with Python {run['python']}. `own` is the library's transport."


def _row(memory: int, cpu: list[float]) -> tuple[str, ...]:
    took = [lambda_time.function_time(each, memory) for each in cpu]
    dollars = [
        f"${lambda_time.dollars_per_million(each, memory, name):.3f}" for each in took for name in lambda_time.PRICES
    ]
    waiting = ", ".join(f"${lambda_time.dollars_per_million(1, memory, name):.3f}" for name in lambda_time.PRICES)
    return (f"{memory:,} MB", *(f"{each:.2f}" for each in took), *dollars, waiting)
