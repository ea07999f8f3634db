"""Pseudonyms: one staff id, one pseudonym, whatever stands beside it, and as its definition says."""

import hashlib

import polars as pl
import pytest
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from hypothesis import given
from hypothesis import strategies as st

from hr_diversity.intake.keeping import PURPOSE, PURPOSE_OF_BLOCKS, Pseudonyms

SECRET = "s" * 40
IDS = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), min_size=1, max_size=64)


def of(*ids: str, secret: str = SECRET) -> list[bytes]:
    return Pseudonyms(secret).of(pl.Series("staff_id", ids, pl.String)).to_list()


def defined(staff_id: str) -> bytes:
    """One at a time: AES under a secret key of the id filled up with NULs, added to it; of an id that is no block, keyed BLAKE2b."""
    plain = staff_id.encode()
    if len(plain) > 16 or not plain.isascii():
        key = hashlib.blake2b(SECRET.encode(), person=PURPOSE).digest()
        return hashlib.blake2b(plain, key=key, digest_size=16).digest()
    block = plain.ljust(16, b"\0")
    key = hashlib.blake2b(SECRET.encode(), person=PURPOSE_OF_BLOCKS, digest_size=32).digest()
    made = Cipher(algorithms.AES256(key), modes.ECB()).encryptor().update(block)
    return bytes(one ^ other for one, other in zip(made, block, strict=True))


@given(st.lists(IDS, min_size=1, max_size=20))
def test_a_pseudonym_is_of_the_id_alone_and_as_it_is_defined(ids: list[str]) -> None:
    assert of(*ids) == [defined(one) for one in ids]


def test_ids_of_every_length_have_different_pseudonyms_of_16_bytes() -> None:
    ids = [letter * length for letter in "09AZ" for length in range(1, 65)]
    assert len({*of(*ids)}) == len(ids)
    assert {len(one) for one in of(*ids)} == {16}


@pytest.mark.parametrize("staff_id", ["T-1", "1234567890123456", "12345678901234567", "Zoë"])
def test_under_another_secret_an_id_has_another_pseudonym(staff_id: str) -> None:
    assert of(staff_id) != of(staff_id, secret="o" * 40)


def test_nobody_has_no_pseudonym() -> None:
    assert of() == []
