"""Encrypting all data of a table as new data is."""

from __future__ import annotations

from typing import Any

import pytest
from cryptography.fernet import Fernet

from session_store import SessionStore
from session_store.encryption import Encryption, FernetKeyring
from session_store.whole_table.cursor import beginning
from session_store.whole_table.reencrypting import reencrypt
from tests.support.forms import KEY
from tests.support.scene import Scene, SignedIn, children_of
from tests.unit.whole_table.tables import row_of, rows_of, table_of

NEW_KEY = Fernet.generate_key()
ROTATED = FernetKeyring(NEW_KEY, KEY)


def encryption(keyring: Any = None, **given: Any) -> Encryption:
    return Encryption(keyring or FernetKeyring(KEY), store_id="shop", **given)


@pytest.fixture
def moving() -> Encryption:
    return encryption(accepts_plain=True)


def store_of(scene: Scene, config: Encryption) -> SessionStore:
    return scene.another_store(encryption=config)


def test_plain_rows_are_encrypted_and_stay_as_they_are(scene: Scene, ana: SignedIn, moving: Encryption) -> None:
    listed = scene.other.get_customer_sessions("bob")

    done = reencrypt(table_of(scene), moving)

    assert (done.found, done.changed, done.overtaken, done.unreadable) == (4, 4, 0, 0)
    assert "tea" not in repr(rows_of(scene))
    assert "Firefox" not in repr(rows_of(scene))
    store = store_of(scene, encryption())
    assert store.validate(ana.token) == ana.root.session
    assert [child.data for child in children_of(store, ana.id) or ()] == [{"app": "mail"}]
    assert store.get_customer_sessions("bob") == listed
    assert reencrypt(table_of(scene), moving).found == 0


def test_plain_rows_are_left_as_they_are_unless_a_setting_accepts_them(scene: Scene, ana: SignedIn) -> None:
    before = row_of(scene, ana.id)
    unreadable: list[str] = []

    done = reencrypt(table_of(scene), encryption(), on_unreadable=unreadable.append)

    assert (done.found, done.changed, done.unreadable) == (4, 0, 4)
    assert ana.id in unreadable
    assert row_of(scene, ana.id) == before


def test_rows_of_an_old_key_need_it_no_more(scene: Scene, ana: SignedIn, moving: Encryption) -> None:
    reencrypt(table_of(scene), moving)
    fresh = store_of(scene, encryption(ROTATED)).create_session("cleo", data={"cart": []}).session

    assert reencrypt(table_of(scene), encryption(ROTATED), dry_run=True).found == 4
    assert reencrypt(table_of(scene), encryption(ROTATED)).changed == 4

    store = store_of(scene, encryption(FernetKeyring(NEW_KEY)))
    assert store.validate(ana.token) == ana.root.session
    assert store.get_session(fresh.session_id) == fresh


def test_other_chosen_keys_apply_to_all_rows(scene: Scene, ana: SignedIn, moving: Encryption) -> None:
    reencrypt(table_of(scene), moving)
    chosen = encryption(keys=["cart"])

    assert reencrypt(table_of(scene), chosen).changed == 4
    members = row_of(scene, ana.id)["data"]["M"]
    assert (list(members["cart"]), members["visits"]) == (["B"], {"N": "1"})
    assert "Firefox" in repr(rows_of(scene))
    assert store_of(scene, chosen).validate(ana.token) == ana.root.session
    assert reencrypt(table_of(scene), chosen).found == 0


def test_a_save_and_an_end_meanwhile_win(scene: Scene, ana: SignedIn, moving: Encryption) -> None:
    store = store_of(scene, moving)

    def meanwhile() -> None:
        store.update_data(ana.id, {"cart": ["coffee"]})
        store.end_customer_sessions("bob")

    scene.faults.before("UpdateItem", meanwhile)
    done = reencrypt(table_of(scene), moving, segments=1)

    assert done.changed + done.overtaken == done.found == 4
    assert store.validate(ana.token).data["cart"] == ["coffee"]
    assert store.get_customer_sessions("bob").sessions == ()
    reencrypt(table_of(scene), moving)
    assert store_of(scene, encryption()).validate(ana.token).data["cart"] == ["coffee"]


def test_a_save_from_a_session_that_was_read_before_is_made_on_top(scene: Scene, ana: SignedIn) -> None:
    chosen = encryption(keys=["cart"], accepts_plain=True)
    store = store_of(scene, chosen)
    read = store.update_data(ana.root.session, {"theme": "dark"})
    reencrypt(table_of(scene), encryption(ROTATED, keys=["cart"], accepts_plain=True))

    rotated = store_of(scene, encryption(ROTATED, keys=["cart"], accepts_plain=True))
    assert rotated.update_data(read, {"cart": ["milk"]}).data == {"cart": ["milk"], "visits": 1, "theme": "dark"}


def test_a_stopped_one_goes_on(scene: Scene, ana: SignedIn, moving: Encryption) -> None:
    cursor = beginning(1)
    scene.faults.fail("UpdateItem", KeyboardInterrupt(), skip=1)
    with pytest.raises(KeyboardInterrupt):
        reencrypt(table_of(scene), moving, cursor=cursor)
    scene.faults.clear()

    reencrypt(table_of(scene), moving, cursor=cursor)
    assert reencrypt(table_of(scene), moving).found == 0
