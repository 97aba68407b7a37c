"""Encrypts secrets, so that the database file alone reveals none (pure)."""

from base64 import urlsafe_b64encode
from collections.abc import Sequence

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from bot.ports.secrets import SecretUnreadable

_LENGTH = 32
_PURPOSE = b"paperboy: secrets of platforms"


class Cipher:
    """Encrypts with the first of its keys, and decrypts with any of them."""

    def __init__(self, keys: Sequence[str]) -> None:
        """Take keys that cannot be guessed, such as 32 random bytes in base64."""
        self._newest, *self._older = [_fernet(key) for key in keys]

    def encrypt(self, secret: str) -> bytes:
        """Return a secret, encrypted."""
        return self._newest.encrypt(secret.encode())

    def decrypt(self, sealed: bytes) -> tuple[str, bool]:
        """Return the secret, and whether an older key encrypted it. Raises SecretUnreadable."""
        for fernet in (self._newest, *self._older):
            try:
                return fernet.decrypt(sealed).decode(), fernet is not self._newest
            except InvalidToken:
                continue
        raise SecretUnreadable


def _fernet(key: str) -> Fernet:
    # Not the key itself: so a person may write it in any letters, not in Fernet's alone.
    derived = HKDF(SHA256(), _LENGTH, salt=None, info=_PURPOSE).derive(key.encode())
    return Fernet(urlsafe_b64encode(derived))
