"""Seals secrets, so that whoever reads the file alone learns nothing (pure)."""

from base64 import urlsafe_b64encode
from collections.abc import Sequence

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from bot.ports.secrets import SecretUnreadable

_LENGTH = 32
_PURPOSE = b"paperboy: secrets of platforms"


class Cipher:
    """Seals with the first of its keys, and opens what any of them sealed."""

    def __init__(self, keys: Sequence[str]) -> None:
        """Take keys that nobody can guess, such as 32 random bytes written in letters."""
        self._newest, *self._older = [_fernet(key) for key in keys]

    def encrypt(self, secret: str) -> bytes:
        """Return a secret, sealed."""
        return self._newest.encrypt(secret.encode())

    def decrypt(self, sealed: bytes) -> tuple[str, bool]:
        """Return what was sealed, and whether an older key did it. Raises Locked."""
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
