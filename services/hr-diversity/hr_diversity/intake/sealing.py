"""Bytes of a staff file that wait for the rest of it, sealed: whoever has the database alone reads no staff id in them."""

import hashlib
import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from shared.errors import Unprocessable

PURPOSE = b"apge upload"
NONCE = 12


class SealBroken(Unprocessable):
    slug = "seal-broken"


class Seal:
    """AES-256-GCM with a key that is made of the pseudonyms' secret, which the database does not hold. `place` binds what is sealed to
    where it stands: parts cannot be exchanged.
    """

    def __init__(self, secret: str) -> None:
        self._cipher = AESGCM(hashlib.blake2b(secret.encode(), digest_size=32, person=PURPOSE).digest())

    def close(self, data: bytes, place: str) -> bytes:
        nonce = os.urandom(NONCE)
        return nonce + self._cipher.encrypt(nonce, data, place.encode())

    def open(self, sealed: bytes, place: str) -> bytes:
        """Raises SealBroken where it was sealed with another key, for another place, or is damaged."""
        try:
            return self._cipher.decrypt(sealed[:NONCE], sealed[NONCE:], place.encode())
        except InvalidTag as error:
            raise SealBroken(
                f"{place} cannot be read: it was sealed with another key, or is damaged; send it again"
            ) from error
