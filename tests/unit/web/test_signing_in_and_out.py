"""A handler's uses of its session: sign in and out, rotate, increment."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from session_store import (
    ConflictError,
    CreatedSession,
    InvalidInputError,
    InvalidTokenError,
    ProviderSession,
    ProviderSessionEndedError,
    Rotation,
    ThrottledError,
    Timeouts,
    tokens,
)
from session_store.operations import side_by_side
from session_store.storage.deadline import DEADLINE_SECONDS
from session_store.web import SessionHandle
from tests.interleavings.world import InTurn
from tests.support.faults import FOREVER
from tests.support.scene import START, Scene
from tests.unit.web.conftest import Action, Site

# The customer, and the session's times


def facts(handle: SessionHandle) -> tuple[Any, ...]:
    return (
        (handle.is_new, handle.is_signed_in, handle.session_id, handle.customer_id),
        (handle.last_login_time, handle.expires_at, handle.absolute_expires_at),
    )


def test_a_new_visitor_has_no_id_and_no_times(site: Site) -> None:
    assert site.visit(site.visitor(), facts)[1] == ((True, False, None, None), (None, None, None))


def test_a_signed_in_customers_session_says_who_and_how_long(site: Site) -> None:
    browser = site.signed_in()
    _, now = site.visit(browser, lambda handle: (handle.sign_in("ben").session.session_id, facts(handle)))

    times = (START, START + timedelta(minutes=30), START + timedelta(hours=12))
    assert now[1] == ((False, True, now[0], "ben"), times)
    assert site.visit(browser, facts)[1] == now[1]


def test_a_session_shows_no_data_in_its_repr(site: Site) -> None:
    assert "s3cret" not in site.visit(site.signed_in(secret="s3cret"), lambda handle: handle["secret"], repr)[1]


def test_a_session_is_a_mapping(site: Site) -> None:
    def action(handle: SessionHandle) -> list[str]:
        del handle["a"]
        handle["c"] = 3
        assert ("a" in handle, len(handle), handle.pop("missing", None)) == (False, 2, None)
        with pytest.raises(KeyError):
            handle["a"]
        return sorted(handle)

    browser = site.signed_in(None, a=1, b=2)
    assert site.visit(browser, action)[1] == ["b", "c"]
    assert site.data_of(browser) == {"b": 2, "c": 3}


# Signing in


@pytest.mark.shows("7.2.4")
def test_signing_in_gives_a_new_id_and_ends_the_session_before(site: Site) -> None:
    browser = site.signed_in(None, cart=["tea"])
    before = browser.token

    page, created = site.visit(browser, lambda handle: handle.sign_in("ana", client="Firefox on Linux"))

    assert isinstance(created, CreatedSession)
    assert created.replaced_session_id == tokens.parse(before).session_id != tokens.parse(browser.token).session_id
    assert site.other.validate(created.token).client == "Firefox on Linux"
    assert site.data_of(browser) == {}
    assert len(page.set_cookies) == 1
    with pytest.raises(InvalidTokenError):
        site.other.validate(before or "")


def carry_over(handle: SessionHandle) -> CreatedSession:
    return handle.sign_in("ana", carry_data=True)


@pytest.mark.parametrize("touched", [True, False])
def test_what_was_collected_before_signing_in_is_carried_over_if_asked_for(site: Site, *, touched: bool) -> None:
    browser = site.signed_in(None, cart=["tea"], theme="light")
    before: list[Action] = [lambda handle: handle["cart"].append("milk")] if touched else []

    def action(handle: SessionHandle) -> None:
        handle.sign_in("ana", data={"theme": "dark"}, carry_data=True)
        handle["after"] = True

    expected = {"cart": ["tea", "milk"] if touched else ["tea"], "theme": "dark", "after": True}
    assert site.visit(browser, *before, action, dict)[1] == expected
    assert site.data_of(browser) == expected


def test_what_was_never_stored_is_carried_over_too(scene: Scene, site: Site) -> None:
    browser = site.visitor()
    site.visit(browser, lambda handle: handle.update(cart=["tea"]), carry_over)

    assert site.data_of(browser) == {"cart": ["tea"]}
    assert len([row for row in scene.all_rows() if "session_state" in row]) == 1


@pytest.mark.shows("T42")
def test_another_customers_data_is_never_carried_over(site: Site) -> None:
    browser = site.signed_in("bob", bobs=1)
    site.visit(browser, lambda handle: handle.update(bobs=2), carry_over)
    assert site.data_of(browser) == {}


def test_signing_in_needs_no_read_of_its_own(scene: Scene, site: Site) -> None:
    scene.other.create_session("ana")
    site.visit(site.visitor(), lambda handle: handle.sign_in("ana"))

    assert scene.faults.operations == ["GetItem", "PutItem"]


@pytest.mark.shows("T24", "C17", "3.3.1", "3.3.2", "3.3.3", "3.3.4")
def test_the_cookie_of_a_sign_in_has_all_its_attributes_and_lasts_until_the_absolute_end(site: Site) -> None:
    browser = site.visitor()
    page, created = site.visit(browser, lambda handle: handle.sign_in("ana"))

    value, *attributes = page.set_cookies[0].split("; ")
    assert value == f"__Host-session={created.token}"
    assert sorted(attributes) == ["HttpOnly", "Max-Age=43200", "Path=/", "SameSite=Lax", "Secure"]


def test_who_asks_to_be_remembered_stays_signed_in_for_longer(site: Site) -> None:
    month = Timeouts(idle=timedelta(days=30), absolute=timedelta(days=30))
    browser = site.visitor()

    page, created = site.visit(browser, lambda handle: handle.sign_in("ana", timeouts=month))

    assert created.session.expires_at == created.session.absolute_expires_at == START + timedelta(days=30)
    assert f"; Max-Age={30 * 24 * 3600};" in page.set_cookies[0]


@pytest.mark.shows("T28")
def test_a_cookie_that_ends_with_the_browser_does_so_after_every_rotation(scene: Scene, site: Site) -> None:
    browser = site.visitor()
    pages = [site.visit(browser, lambda handle: handle.sign_in("ana", ends_with_browser=True))[0]]
    for _ in range(8):
        scene.clock.advance(timedelta(minutes=15))
        pages.append(site.visit(browser, lambda handle: handle.customer_id)[0])

    cookies = [cookie.partition("; ") for page in pages for cookie in page.set_cookies]
    assert len({token for token, _, _ in cookies}) == 4  # of the sign-in, and of three rotations
    assert {attributes for _, _, attributes in cookies} == {"Path=/; Secure; HttpOnly; SameSite=Lax"}
    assert site.other.validate(browser.token or "").ends_with_browser is True


def test_each_sign_in_chooses_anew_how_long_the_cookie_is_kept(site: Site) -> None:
    browser = site.visitor()
    site.visit(browser, lambda handle: handle.sign_in("ana", ends_with_browser=True))

    page, created = site.visit(browser, lambda handle: handle.sign_in("ana"))

    assert "Max-Age=43200" in page.set_cookies[0]
    assert created.session.ends_with_browser is False


@pytest.mark.parametrize(
    "wrong", [{"timeouts": timedelta(days=30)}, {"ends_with_browser": "yes"}, {"provider_session": "s-1"}], ids=repr
)
def test_a_mistaken_choice_at_a_sign_in_changes_nothing(scene: Scene, site: Site, wrong: dict[str, Any]) -> None:
    def action(handle: SessionHandle) -> None:
        handle["cart"] = ["milk"]
        before = scene.all_rows()
        with pytest.raises(InvalidInputError, match=next(iter(wrong))):
            handle.sign_in("ana", carry_data=True, **wrong)
        assert scene.all_rows() == before

    site.visit(site.signed_in(None, cart=["tea"]), action)


def test_a_provider_that_has_ended_its_session_refuses_the_sign_in_and_the_visitor_goes_on(
    scene: Scene, site: Site
) -> None:
    session = ProviderSession("https://idp.example", "s-1", START)
    browser = site.signed_in(None, cart=["tea"])
    site.visit(browser, lambda handle: handle.sign_in("ana", carry_data=True, provider_session=session))
    log_out = scene.other.end_by_provider_logout
    assert log_out(session.issuer, jti="one", issued_at=START, expires_at=START, sid="s-1") == 1

    def action(handle: SessionHandle) -> None:
        with pytest.raises(ProviderSessionEndedError):
            handle.sign_in("ana", provider_session=session)

    other = site.signed_in(None, cart=["milk"])
    site.visit(other, action)
    assert site.data_of(other) == {"cart": ["milk"]}


def test_what_is_answered_after_a_sign_in_carries_the_cookie_even_if_the_answer_is_a_failure(site: Site) -> None:
    def action(handle: SessionHandle) -> dict[str, Any]:
        handle.sign_in("ana")
        handle["lost"] = 1
        return {"statusCode": 500}

    browser = site.page(action)

    assert browser.post().status == 500
    assert site.data_of(browser) == {}


def test_what_signing_in_returns_is_the_handlers_own(scene: Scene, site: Site) -> None:
    scene.other.create_session("ana")

    def action(handle: SessionHandle) -> None:
        handle.sign_in("ana", data={"cart": []}).session.data["cart"] = "changed"

    assert site.visit(site.visitor(), action, lambda handle: handle["cart"])[1] == []
    assert "UpdateItem" not in scene.faults.operations


@pytest.mark.shows("T15")
@pytest.mark.parametrize("customer_id", [None, "", "a\nb", 7], ids=repr)
@pytest.mark.parametrize("carry_data", [True, False])
def test_a_customer_id_that_is_missing_or_not_acceptable_signs_no_customer_in(
    scene: Scene, site: Site, customer_id: Any, *, carry_data: bool
) -> None:
    browser = site.signed_in(None, cart=["tea"])
    rows = len(scene.all_rows())

    def action(handle: SessionHandle) -> None:
        with pytest.raises(InvalidInputError, match="customer_id"):
            handle.sign_in(customer_id, carry_data=carry_data)
        assert not handle.is_signed_in
        assert len(scene.all_rows()) == rows

    site.visit(browser, action)

    assert site.data_of(browser) == {"cart": ["tea"]}


# Signing out


def sign_out(handle: SessionHandle) -> None:
    handle.sign_out()


def everywhere(handle: SessionHandle) -> int:
    return handle.sign_out_everywhere()


def everywhere_else(handle: SessionHandle) -> int:
    return handle.sign_out_everywhere(except_here=True)


def rotate(handle: SessionHandle) -> Rotation:
    return handle.rotate()


@pytest.mark.shows("7.4.1")
def test_signing_out_ends_the_session_and_clears_the_cookie(scene: Scene, site: Site) -> None:
    token = scene.store.create_session("ana", data={"cart": ["tea"]}).token
    browser = site.visitor(token)
    page, after = site.visit(browser, sign_out, lambda handle: (handle.is_signed_in, handle.is_new, dict(handle)))
    assert (*after, browser.token) == (False, True, {}, None)
    assert page.set_cookies == ["__Host-session=; Max-Age=0; Path=/; Secure; HttpOnly; SameSite=Lax"]
    with pytest.raises(InvalidTokenError):
        site.other.validate(token)


def test_what_was_changed_before_signing_out_is_gone_and_what_is_put_in_after_is_a_visitors(
    scene: Scene, site: Site
) -> None:
    browser = site.signed_in(hers=1)
    later = {"notice": "signed out"}
    site.visit(browser, lambda handle: handle.update(draft="text"), sign_out, lambda handle: handle.update(later))

    visitors = site.other.validate(browser.token or "")
    assert (visitors.customer_id, visitors.data) == (None, later)
    assert len([row for row in scene.all_rows() if "data" in row]) == 1


def test_a_session_whose_data_cannot_be_read_can_be_signed_out(scene: Scene, site: Site) -> None:
    browser = site.signed_in("ana", cart=["tea"])
    scene.make_unreadable()

    site.visit(browser, sign_out)

    assert browser.token is None
    assert {row["session_state"] for row in scene.all_rows() if "session_state" in row} == {"ended"}


def test_signing_out_without_a_session_is_no_error(scene: Scene, site: Site) -> None:
    assert site.visit(site.visitor(), sign_out)[0].status == 200
    assert scene.faults.calls == []


@pytest.mark.parametrize("leave", [sign_out, everywhere])
def test_a_sign_out_that_failed_leaves_the_visitor_signed_in(scene: Scene, site: Site, leave: Action) -> None:
    browser = site.signed_in(cart=["tea"])
    token = browser.token
    scene.faults.throttle("UpdateItem", times=FOREVER)

    def leave_and_look(handle: SessionHandle) -> object:
        with pytest.raises(ThrottledError):
            leave(handle)
        return handle.is_signed_in, handle.session_id, dict(handle)

    page, said = site.visit(browser, leave_and_look)

    assert said == (True, site.other.validate(token or "").session_id, {"cart": ["tea"]})
    assert (page.status, page.set_cookies, browser.token) == (200, [], token)


def test_a_bearer_client_signs_out_without_a_cookie(scene: Scene, site: Site) -> None:
    token = scene.store.create_session("ana").token

    assert site.visit(site.visitor(), sign_out, authorization=f"Bearer {token}")[0].set_cookies == []
    with pytest.raises(InvalidTokenError):
        site.other.validate(token)


def test_signing_out_everywhere_ends_every_session_of_the_customer_and_this_one_although_the_index_hides_it(
    scene: Scene, site: Site
) -> None:
    *others, this = (scene.store.create_session("ana") for _ in range(3))
    bobs = scene.store.create_session("bob").token
    scene.faults.hide_from_index(this.session.session_id)
    browser = site.visitor(this.token)

    assert (site.visit(browser, everywhere)[1], browser.token) == (3, None)
    for ended in (*others, this):
        with pytest.raises(InvalidTokenError):
            site.other.validate(ended.token)
    assert site.other.validate(bobs).customer_id == "bob"


@pytest.mark.shows("7.4.3")
def test_signing_out_everywhere_else_keeps_this_session(scene: Scene, site: Site) -> None:
    other = scene.store.create_session("ana").token
    browser = site.signed_in(cart=["tea"])

    assert site.visit(browser, lambda handle: handle["cart"].append("milk"), everywhere_else)[1] == 1
    assert site.other.validate(browser.token or "", strict=True).data == {"cart": ["tea", "milk"]}
    with pytest.raises(InvalidTokenError):
        site.other.validate(other)


def test_signing_out_everywhere_ends_this_session_first_and_stops_when_its_time_is_over(
    scene: Scene, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Threads that share a clock would each make the others late.
    monkeypatch.setattr(side_by_side, "ThreadPoolExecutor", InTurn)
    this = site.signed_in().token or ""
    scene.clock.advance(1)  # the newest come first in the index
    others = [scene.store.create_session("ana").token for _ in range(30)]
    scene.faults.slow_down("UpdateItem", seconds=0.9, times=FOREVER)
    begun = scene.clock.monotonic()

    ended = site.visit(site.visitor(this), everywhere)[1]

    assert 1 <= ended < 30
    assert scene.clock.monotonic() - begun <= DEADLINE_SECONDS
    with pytest.raises(InvalidTokenError):
        site.other.validate(this)
    for token in others:
        with pytest.raises(InvalidTokenError):
            site.other.validate(token, strict=True)


@pytest.mark.parametrize(("has_session", "use"), [(True, everywhere), (False, everywhere), (False, rotate)])
def test_what_takes_a_session_or_a_customer_is_refused_without(site: Site, use: Action, *, has_session: bool) -> None:
    browser = site.signed_in(None) if has_session else site.visitor()

    assert site.visit(browser, use)[0].outcome == (401, "session-required")


# A session that ends while the handler runs


@pytest.mark.parametrize(
    "use",
    [lambda handle: handle.update(late=True), lambda handle: handle.increment("late"), rotate, everywhere_else],
    ids=["save", "increment", "rotate", "sign out everywhere else"],
)
def test_what_comes_after_the_end_of_the_session_is_answered_401(scene: Scene, site: Site, use: Action) -> None:
    page, _ = site.visit(site.signed_in(), lambda handle: site.other.end_session(str(handle.session_id)), use)
    assert (*page.outcome, page.headers["www-authenticate"]) == (401, "session-required", "Bearer")
    assert page.set_cookies == []
    assert {row["session_state"] for row in scene.all_rows() if "session_state" in row} == {"ended"}


def test_signing_out_of_a_session_that_has_just_ended_is_no_error(site: Site) -> None:
    browser = site.signed_in()

    page, _ = site.visit(browser, lambda handle: site.other.end_session(str(handle.session_id)), sign_out)
    assert (page.status, browser.token) == (200, None)


# Counting


def test_no_increment_is_lost_and_each_returns_another_sum(site: Site) -> None:
    browser = site.signed_in(None, visits=1)

    def action(handle: SessionHandle) -> list[Any]:
        assert handle["visits"] == 1  # both have read the same
        inner, _ = site.visit(site.visitor(browser.token), lambda other: other.increment("visits"))
        assert inner.status == 200
        return [handle.increment("visits"), handle["visits"]]

    assert site.visit(browser, action)[1] == [3, 3]
    assert site.data_of(browser) == {"visits": 3}


def test_an_increment_counts_even_if_the_handler_fails_afterwards(site: Site) -> None:
    def action(handle: SessionHandle) -> None:
        handle.increment("tries")
        raise ZeroDivisionError

    browser = site.signed_in(tries=1)
    with pytest.raises(ZeroDivisionError):
        site.visit(browser, action)
    assert site.data_of(browser) == {"tries": 2}


def test_an_increment_and_other_changes_go_together(scene: Scene, site: Site) -> None:
    browser = site.signed_in(None, visits=1, cart=[])
    scene.faults.calls.clear()

    site.visit(
        browser,
        lambda handle: handle["cart"].append("tea"),
        lambda handle: (handle.increment("visits", 2), handle.increment("fresh", 0.5)),
        lambda handle: handle.update(last="shop"),
    )

    assert scene.faults.operations == ["Query", "UpdateItem", "UpdateItem", "UpdateItem"]
    assert site.data_of(browser) == {"visits": 3, "cart": ["tea"], "fresh": 0.5, "last": "shop"}


def test_an_increment_does_not_hide_what_others_have_changed_meanwhile(site: Site) -> None:
    browser = site.signed_in(None, visits=1, name="Ana", theme="light")

    def action(handle: SessionHandle) -> None:
        handle["name"] = "Anna"
        site.other.update_data(str(handle.session_id), {"name": "Anne", "theme": "dark"})
        handle.increment("visits")

    page, _ = site.visit(browser, action)

    assert (page.problem, "keys" in page.json) == ("conflict", False)
    assert site.data_of(browser) == {"visits": 2, "name": "Anne", "theme": "dark"}


def test_a_key_that_was_assigned_is_added_to_and_saved_at_the_end(site: Site) -> None:
    browser = site.signed_in(None, visits=1)

    _, added = site.visit(browser, lambda it: it.update(visits=10), lambda it: it.increment("visits", 5))

    assert (added, site.data_of(browser)) == (15, {"visits": 15})


def test_a_visitors_first_increment_starts_the_session(scene: Scene, site: Site) -> None:
    browser = site.visitor()

    assert site.visit(browser, lambda handle: handle.increment("visits"))[1] == 1
    assert site.data_of(browser) == {"visits": 1}
    assert scene.faults.operations == ["PutItem"]


@pytest.mark.parametrize("stored", [True, False])
@pytest.mark.parametrize("value", ["text", True, [1], None])
def test_what_is_not_a_number_cannot_be_added_to(scene: Scene, site: Site, value: Any, *, stored: bool) -> None:
    browser = site.visitor(scene.store.create_session(data={"n": value}).token if stored else None)

    def action(handle: SessionHandle) -> None:
        handle["n"] = value
        with pytest.raises(ConflictError) as caught:
            handle.increment("n")
        assert caught.value.keys == ("/n",)

    site.visit(browser, action)


@pytest.mark.parametrize("by", ["1", True, float("nan"), None])
@pytest.mark.parametrize("stored", [True, False])
def test_only_a_number_can_be_added(scene: Scene, site: Site, by: Any, *, stored: bool) -> None:
    browser = site.visitor(scene.store.create_session().token if stored else None)

    def action(handle: SessionHandle) -> None:
        with pytest.raises(InvalidInputError, match="by"):
            handle.increment("n", by)

    site.visit(browser, action)


# Rotating


def test_a_rotation_sets_the_cookie_for_the_rest_of_the_sessions_life(scene: Scene, site: Site) -> None:
    created = scene.store.create_session("ana", timeouts=Timeouts(idle=timedelta(hours=1), absolute=timedelta(hours=2)))
    browser = site.visitor(created.token)
    scene.clock.advance(timedelta(minutes=50))

    page, rotation = site.visit(browser, rotate)
    assert browser.token == rotation.token != created.token
    assert "Max-Age=4200;" in page.set_cookies[0]
    assert tokens.parse(browser.token).session_id == created.session.session_id


def test_once_a_new_token_is_in_use_a_rotation_of_the_one_before_sets_no_cookie(scene: Scene, site: Site) -> None:
    old = scene.store.create_session("ana").token
    scene.store.validate(scene.store.rotate(old).token or "")

    page, rotation = site.visit(site.visitor(old), rotate)

    assert (page.set_cookies, rotation) == ([], Rotation(None))


INTERVAL = timedelta(minutes=5)


@pytest.fixture
def rotating(scene: Scene) -> Site:
    """A site whose store rotates by itself."""
    return Site(scene, store=scene.store_with(rotation_interval=INTERVAL))


@pytest.mark.shows("T80")
def test_a_page_that_a_visitor_asked_for_before_the_sign_in_and_gets_after_it_leaves_its_cookie(
    scene: Scene, rotating: Site
) -> None:
    before = scene.store.create_session(data={"cart": []}).token
    scene.clock.advance(INTERVAL)
    page, _ = rotating.visit(rotating.visitor(before), lambda handle: handle["cart"])
    browser = rotating.visitor(before)
    rotating.visit(browser, lambda handle: handle.sign_in("ana"))

    assert page.set_cookies == []
    assert rotating.visit(browser, lambda handle: handle.customer_id)[1] == "ana"


@pytest.mark.shows("T90")
@pytest.mark.parametrize("customer_id", [None, "ana"], ids=["first data", "rotation"])
def test_of_two_answers_that_set_the_cookie_the_last_one_counts(
    scene: Scene, rotating: Site, customer_id: str | None
) -> None:
    before = scene.store.create_session(customer_id).token if customer_id else None
    scene.clock.advance(INTERVAL)
    late = rotating.visitor(before)
    rotating.visit(late, lambda handle: handle.update(cart=["tea"]))
    browser = rotating.visitor(before)
    _, signed_in = rotating.visit(browser, lambda handle: handle.sign_in("ana"))
    assert late.token is not None
    browser.token = late.token  # its answer was the slower one

    assert rotating.visit(browser, lambda handle: handle.customer_id)[1] is None
    assert rotating.other.validate(signed_in.token).customer_id == "ana"
