"""Names that hold inside one snapshot and mean nothing outside it."""

import hmac
from hashlib import sha256
from uuid import UUID

_NAME_LENGTH = 16
# It stands in the text, where each digit is one more for a model to read; 48 bits tell the people of a snapshot apart.
_HANDLE_LENGTH = 12
_SALT_LENGTH = 16
_BLOCK_LENGTH = 64


class Pseudonyms:
    """Derive pseudonyms and salts from a snapshot's secret (HMAC-SHA256).

    Each kind has a key of its own, so that a row, an author and a thread of one number share nothing.
    Pseudonyms are 128 bits as 32 hexadecimal digits, those of handles 48 bits as 12, salts 16 bytes.
    """

    def __init__(self, secret: bytes) -> None:
        if len(secret) < 16:
            raise ValueError("a snapshot's secret has at least 16 bytes")
        keys = [
            hmac.digest(secret, b"commonplace/snapshot/" + kind, "sha256")
            for kind in (
                b"row",
                b"author",
                b"thread",
                b"handle",
                b"salt",
                b"conversation salt",
                b"consent",
                b"order",
            )
        ]
        # Rows lie in the order of the SHA-256 of this key and the number of their post or thread.
        self.order_key = keys.pop()
        (
            self._row,
            self._author,
            self._thread,
            self._handle,
            self._salt,
            self._conversation_salt,
            self._consent,
        ) = map(KeyedHash, keys)

    def row(self, post_id: int) -> str:
        """Return the name of a post's row."""
        return self._row.name(_number(post_id))

    def author(self, subject: UUID) -> str:
        """Return the name of an author."""
        return self._author.name(subject.bytes)

    def thread(self, thread_id: int) -> str:
        """Return the name of a thread."""
        return self._thread.name(_number(thread_id))

    def handle(self, name: str) -> str:
        """Return the name that stands for a mentioned handle, whatever its case."""
        return self._handle.name(name.casefold().encode())[:_HANDLE_LENGTH]

    def consent(self, position: int) -> str:
        """Return the reference to a decision: a commitment to its position in the ledger.

        Whoever is given the position and its `consent_salt` can check it; nobody else can tell one decision from
        another, or find the author's in two datasets.
        """
        return consent_reference(self.consent_salt(position), position)

    def consent_salt(self, position: int) -> bytes:
        """Return the salt of the reference to a decision."""
        return self._consent.digest(_number(position))[:_SALT_LENGTH]

    def salt(self, post_id: int) -> bytes:
        """Return the salt of a row's leaf, without which nobody can test guesses against it."""
        return self._salt.digest(_number(post_id))[:_SALT_LENGTH]

    def conversation_salt(self, thread_id: int) -> bytes:
        """Return the salt of the leaf of a thread's row."""
        return self._conversation_salt.digest(_number(thread_id))[:_SALT_LENGTH]


def consent_reference(salt: bytes, position: int) -> str:
    """Return the first 128 bits of the SHA-256 of the salt and the position as 8 bytes, the highest first."""
    return sha256(salt + _number(position)).hexdigest()[: 2 * _NAME_LENGTH]


class KeyedHash:
    """A key for one kind of name: HMAC-SHA256 (RFC 2104), with both pads hashed in advance.

    Several names are made for each post, and `hmac` spends three times as long on one.
    """

    def __init__(self, key: bytes) -> None:
        if len(key) > _BLOCK_LENGTH:
            raise ValueError(f"a key has at most {_BLOCK_LENGTH} bytes")
        block = key.ljust(_BLOCK_LENGTH, b"\0")
        self._inner = sha256(bytes(byte ^ 0x36 for byte in block))
        self._outer = sha256(bytes(byte ^ 0x5C for byte in block))

    def digest(self, message: bytes) -> bytes:
        inner, outer = self._inner.copy(), self._outer.copy()
        inner.update(message)
        outer.update(inner.digest())
        return outer.digest()

    def name(self, message: bytes) -> str:
        return self.digest(message)[:_NAME_LENGTH].hex()


def _number(value: int) -> bytes:
    return value.to_bytes(8, "big")
