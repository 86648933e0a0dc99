"""The calculation of what forms of a session's data cost, on numbers that can be checked by hand."""

from __future__ import annotations

import math

import pytest

from bench import recorded
from bench.storage.break_even import bytes_in_row, checks_for_cache, dollars_of_an_idle_cache, kb_for_s3
from bench.storage.data import SIZES, data_of
from bench.storage.engines import Engines
from bench.storage.figures import figures_of
from bench.storage.forms import Form
from bench.storage.life import measure
from bench.storage.overview import overview
from bench.storage.recording import from_json
from bench.storage.traffic import HIT, Measured, dollars_per_million, question, use_by_catalog, use_of_session
from bench.storage.use import Use
from session_store.cli.cost import sizes
from session_store.cli.cost.prices import read_prices
from session_store.cli.cost.units import CHECK, calls_of_a_day
from session_store.testing import create_table
from session_store.testing.memory_engine import MemoryClient
from tests.support.bucket import MemoryBucket
from tests.support.cache_server import MemoryServer

PRICES = read_prices()
MILLION = 1_000_000
AMID_UNITS = 3_500  # bytes of data: the row may grow a little and takes no unit more


def engines_in_memory() -> Engines:
    client = MemoryClient()
    create_table(client, "table")
    return Engines(client, MemoryBucket(), MemoryServer())


def measured_in_memory(form: Form, size: int) -> Measured:
    measured = measure(form, data_of(size), engines_in_memory(), "table")
    assert measured is not None
    return measured


def test_a_use_costs_the_declared_prices() -> None:
    assert (Use(rru=1) * MILLION).dollars(PRICES) == pytest.approx(0.125)
    assert (Use(wru=1, object_writes=1) * MILLION).dollars(PRICES) == pytest.approx(0.625 + 5)
    assert (Use(object_reads=1, cache_units=10) * MILLION).dollars(PRICES) == pytest.approx(0.4 + 0.023)
    assert Use(table_gb_months=1, backup_gb_months=1, object_gb_months=1).dollars(PRICES) == pytest.approx(0.473)


def test_measured_calls_of_plain_data_use_what_the_catalog_says() -> None:
    measured = measured_in_memory(Form.PLAIN, AMID_UNITS)
    data_bytes = measured.row_bytes - sizes.row_bytes(0)
    by_catalog = {each.kind.name: each for each in calls_of_a_day(question(1000, data_bytes))}

    assert by_catalog.keys() == measured.uses.keys()
    for name, calls in by_catalog.items():
        use = measured.uses[name] * calls.number
        assert (use.rru, use.wru) == pytest.approx((calls.rru, calls.table_wru + calls.index_wru)), name


@pytest.mark.parametrize("requests", [1, 10, 1000])
def test_a_session_of_plain_data_costs_what_the_catalog_says(requests: int) -> None:
    measured = measured_in_memory(Form.PLAIN, AMID_UNITS)
    by_catalog = use_by_catalog(measured.row_bytes - sizes.row_bytes(0), requests)

    ours = use_of_session(measured, requests)
    assert ours.dollars(PRICES) == pytest.approx(by_catalog.dollars(PRICES))
    assert dollars_per_million(ours, requests, PRICES) == pytest.approx(ours.dollars(PRICES) * MILLION / requests)


def test_compressed_data_takes_fewer_units_and_small_data_the_same() -> None:
    for size, saves in ((SIZES["4 KB"], True), (SIZES["0.5 KB"], False)):
        plain, compressed = (
            use_of_session(measured_in_memory(form, size), 10) for form in (Form.PLAIN, Form.COMPRESSED)
        )

        assert (compressed.wru < plain.wru, compressed.wru == plain.wru) == (saves, not saves)


def test_a_form_that_does_not_take_the_data_or_leaves_it_in_the_row_has_no_figures() -> None:
    for form, size in ((Form.PLAIN, "500 KB"), (Form.COMPRESSED, "500 KB"), (Form.IN_S3, "0.5 KB")):
        assert measure(form, data_of(SIZES[size]), engines_in_memory(), "table") is None


def test_a_hit_reads_no_table_and_takes_an_ecpu_for_each_kb_and_for_the_customer() -> None:
    plain, cached = (measured_in_memory(form, SIZES["0.5 KB"]).uses for form in (Form.PLAIN, Form.CACHED))

    assert cached[HIT.name] == Use(cache_calls=1, cache_units=3)
    assert cached[CHECK.name].rru == plain[CHECK.name].rru + 1  # the customer's row


def test_the_first_check_of_a_session_is_never_a_hit() -> None:
    cached = measured_in_memory(Form.CACHED, SIZES["0.5 KB"])

    assert use_of_session(cached, 1, hit_ratio=1) == use_of_session(cached, 1)
    assert use_of_session(cached, 10, hit_ratio=1).rru < use_of_session(cached, 10).rru


RUN = from_json(recorded.read("storage"))


def test_the_recorded_run_meets_the_goals_and_has_a_line_for_each_form_of_each_size() -> None:
    assert not [figure for figure in figures_of(RUN) if not figure.met]
    assert len(overview(RUN).splitlines()) == 1 + sum(len(forms) for forms in RUN.values())


@pytest.mark.parametrize("form", Form)
def test_the_recorded_run_has_the_calls_and_units_of_today(form: Form) -> None:
    """If this fails: `python -m bench.recorded storage`, then `make docs`."""
    assert RUN["4 KB"][form].measured == measured_in_memory(form, SIZES["4 KB"])


def test_four_of_five_sessions_leave_their_data_in_storage_for_a_month_and_two_days() -> None:
    size = 1_000 * 1024**3
    stored = use_of_session(Measured(in_s3().uses, row_bytes=2 * size, object_bytes=size), 10)

    assert stored.object_gb_months == pytest.approx(0.8 * 1_000 * 32 / 30)
    assert stored.table_gb_months == stored.backup_gb_months == pytest.approx(2 * stored.object_gb_months)


def in_s3(*, reads: float = 1, writes: float = 1) -> Measured:
    """A form whose rows are small. Each check reads an object, each sign-in and save writes one."""
    plain = measured_in_memory(Form.PLAIN, 2)
    writers = {"customer's first sign-in", "sign-in", "sign-in that keeps the customer's row", "save of data"}
    uses = {
        name: use + Use(object_writes=writes * (name in writers), object_reads=reads * name.startswith("check"))
        for name, use in plain.uses.items()
    }
    return Measured(uses, plain.row_bytes)


def test_s3_costs_less_from_a_size_on_and_dear_objects_later_or_never() -> None:
    from_kb = kb_for_s3(in_s3(), 10, PRICES)
    assert from_kb is not None
    assert 3 < from_kb < 15  # a PUT costs as much as 8 KB of a row, a GET as much as reading 13

    later = kb_for_s3(in_s3(writes=10), 10, PRICES)
    assert later is not None
    assert later > from_kb
    assert kb_for_s3(in_s3(writes=1000), 10, PRICES) is None


def test_data_that_takes_a_quarter_in_the_row_stays_cheaper_there_for_about_four_times_as_long() -> None:
    plain, packed = (kb_for_s3(in_s3(), 10, PRICES, in_row=share) or 0 for share in (1, 0.25))

    assert 3 * plain < packed <= 4 * plain
    assert bytes_in_row(Measured({}, sizes.row_bytes(100)), 400) == 0.25


def test_a_cache_has_paid_for_itself_once_its_hits_have_saved_a_months_rent() -> None:
    plain = Measured({CHECK.name: Use(rru=1)}, 1000)
    free = Measured({CHECK.name: Use(rru=1), HIT.name: Use()}, 1000)
    rent = dollars_of_an_idle_cache(PRICES)

    assert rent == pytest.approx(6.132)
    assert checks_for_cache(plain, free, 1, PRICES) == pytest.approx(rent / 0.125 * MILLION)
    assert checks_for_cache(plain, free, 0.5, PRICES) == pytest.approx(2 * rent / 0.125 * MILLION)


def test_a_cache_that_is_missed_too_often_never_pays() -> None:
    plain = Measured({CHECK.name: Use(rru=1)}, 1000)
    cached = Measured({CHECK.name: Use(rru=2, cache_units=3), HIT.name: Use(cache_units=1)}, 1000)

    assert checks_for_cache(plain, cached, 0.4, PRICES) == math.inf
    assert checks_for_cache(plain, cached, 0.84, PRICES) < 100 * MILLION
