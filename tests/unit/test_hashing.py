"""Hashes of passwords: peppered, bounded in number, as slow for nobody as for somebody."""

import threading
import unicodedata

import pytest

from idp.foundation.key_ring import KeyRing
from idp.foundation.policy_models.password import HashPolicy
from idp.people.credentials.hashing import HashingBusy, PasswordHashes, hashes

POLICY = HashPolicy(memory_kib=64, time_cost=1, parallelism=1, slots=1, wait_seconds=0.05)
OLD, NEW = b"o" * 32, b"n" * 32
RING = KeyRing("old", {"old": OLD})
PASSWORD = "Blue-kettle 7"


@pytest.fixture
def made() -> PasswordHashes:
    return PasswordHashes(POLICY, RING)


def test_a_password_has_its_own_hash_and_no_other(made: PasswordHashes) -> None:
    stored = made.hash(PASSWORD)
    assert stored.startswith("old$argon2id$")
    assert PASSWORD not in stored
    assert made.verify(stored, PASSWORD)
    assert not made.verify(stored, PASSWORD.lower())
    assert made.hash(PASSWORD) != stored


def test_composed_and_decomposed_letters_are_one_password(made: PasswordHashes) -> None:
    stored = made.hash(unicodedata.normalize("NFC", "Ñandú-kettle 7"))
    assert made.verify(stored, unicodedata.normalize("NFD", "Ñandú-kettle 7"))


def test_a_stolen_table_is_worthless_without_the_pepper(made: PasswordHashes) -> None:
    stored = made.hash(PASSWORD)
    stranger = PasswordHashes(POLICY, KeyRing("old", {"old": b"x" * 32}))
    assert not stranger.verify(stored, PASSWORD)
    keyless = PasswordHashes(POLICY, KeyRing("new", {"new": NEW}))
    assert not keyless.verify(stored, PASSWORD)


def test_a_new_pepper_accepts_old_hashes_and_asks_for_new_ones(made: PasswordHashes) -> None:
    stored = made.hash(PASSWORD)
    renewed = PasswordHashes(POLICY, KeyRing("new", {"new": NEW, "old": OLD}))
    assert renewed.verify(stored, PASSWORD)
    assert renewed.needs_rehash(stored)
    assert not renewed.needs_rehash(renewed.hash(PASSWORD))


def test_a_higher_cost_asks_for_a_new_hash(made: PasswordHashes) -> None:
    dearer = PasswordHashes(POLICY.model_copy(update={"time_cost": 2}), RING)
    assert dearer.needs_rehash(made.hash(PASSWORD))


@pytest.mark.parametrize("stored", ["", "old$", "old$nonsense", "argon2", "$argon2id$x"])
def test_a_damaged_hash_belongs_to_no_password(stored: str, made: PasswordHashes) -> None:
    assert not made.verify(stored, PASSWORD)


def test_nobody_has_no_password_at_all(made: PasswordHashes) -> None:
    assert not made.verify_nobody("nobody has this password")


def test_input_without_end_is_refused_unread(made: PasswordHashes) -> None:
    assert not made.verify(made.hash(PASSWORD), "x" * 1_000_000)


def test_IN_06_whoever_finds_no_free_slot_is_told_to_come_back(made: PasswordHashes) -> None:
    is_taken, is_over = threading.Event(), threading.Event()

    def hold() -> None:
        with made.slot():
            is_taken.set()
            is_over.wait(5)

    holder = threading.Thread(target=hold)
    holder.start()
    is_taken.wait(5)
    with pytest.raises(HashingBusy):
        made.hash(PASSWORD)
    is_over.set()
    holder.join()
    assert made.verify(made.hash(PASSWORD), PASSWORD)


def test_one_process_has_one_set_of_slots() -> None:
    assert hashes(POLICY, RING) is hashes(POLICY, KeyRing("old", {"old": OLD}))
