"""Names what is wrong with a server's certificate, and what to do about it."""

import ssl
from collections.abc import Iterator

from bot.lib.marker import _

_SELF_SIGNED = _(
    "The server's certificate is self-signed. If it is meant to be, name a file that holds it in "
    "SSL_CERT_FILE and start again; otherwise somebody may be listening in."
)
_UNKNOWN_AUTHORITY = _(
    "The server's certificate is of an authority that this machine does not know, such as that "
    "of a company's proxy. If it is meant to be, name a file that holds the authority's "
    "certificate in SSL_CERT_FILE and start again."
)
_EXPIRED = _(
    "The server's certificate is not valid now. Look at this machine's clock; if that is right, "
    "the server needs a new one."
)
_OTHER_NAME = _(
    "The server's certificate is for another name. Look at the address; a login page of a "
    "network may answer in its place."
)
_FAULTS = {
    9: _EXPIRED, 10: _EXPIRED, 18: _SELF_SIGNED, 19: _UNKNOWN_AUTHORITY, 20: _UNKNOWN_AUTHORITY,
    21: _UNKNOWN_AUTHORITY, 62: _OTHER_NAME, 64: _OTHER_NAME,
}  # fmt: skip
"""OpenSSL's codes of verification; see https://docs.openssl.org/3.0/man3/X509_STORE_CTX_get_error."""


def explain_certificate(error: BaseException) -> str:
    """Return what is wrong with the certificate that an error is about; empty for other errors."""
    for each in _chain(error):
        # aiohttp's own errors are of this type too, but have no code.
        if isinstance(each, ssl.SSLCertVerificationError) and hasattr(each, "verify_code"):
            return _FAULTS.get(each.verify_code, _UNKNOWN_AUTHORITY)
    return ""


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    """Yield an error and those that it came from."""
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__
