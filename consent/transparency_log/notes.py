"""Signed notes (C2SP signed-note): text with Ed25519 signatures, and one-line keys."""

import base64
import binascii
from collections.abc import Collection
from dataclasses import dataclass
from hashlib import sha256

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

_ED25519 = b"\x01"
KEY_ID_BYTES, PUBLIC_KEY_BYTES = 4, 32
SIGNATURE_MARK = "— "
MAX_SIGNATURES = 100


class MalformedNoteError(ValueError):
    """Not a signed note, or not a key."""


class UnverifiedNoteError(ValueError):
    """No known key signed the note, or a known key's signature is wrong."""


@dataclass(frozen=True, slots=True)
class VerifierKey:
    """A public key with the name and id that its signatures carry."""

    name: str
    public_key: bytes

    @property
    def key_id(self) -> bytes:
        return sha256(self.name.encode() + b"\n" + _ED25519 + self.public_key).digest()[
            :KEY_ID_BYTES
        ]

    def __str__(self) -> str:
        return f"{self.name}+{self.key_id.hex()}+{base64_text(_ED25519 + self.public_key)}"

    def verifies(self, signature: bytes, message: bytes) -> bool:
        try:
            Ed25519PublicKey.from_public_bytes(self.public_key).verify(signature, message)
        except (InvalidSignature, ValueError):
            return False
        return True


@dataclass(frozen=True, slots=True)
class Signature:
    name: str
    key_id: bytes
    value: bytes


@dataclass(frozen=True, slots=True)
class Note:
    """A note with unverified signatures."""

    text: str
    signatures: tuple[Signature, ...]


@dataclass(frozen=True, slots=True)
class SignerKey:
    """A name and the 32-byte seed of an Ed25519 key."""

    name: str
    seed: bytes

    @property
    def verifier(self) -> VerifierKey:
        return VerifierKey(self.name, self._private().public_key().public_bytes_raw())

    def sign(self, message: bytes) -> bytes:
        return self._private().sign(message)

    def _private(self) -> Ed25519PrivateKey:
        return Ed25519PrivateKey.from_private_bytes(self.seed)


def sign_note(text: str, key: SignerKey) -> str:
    """Sign `text`, which ends in a newline."""
    if not text.endswith("\n") or has_control_characters(text) or not is_key_name(key.name):
        raise MalformedNoteError(
            "A note's text ends in a newline and has no other control characters."
        )
    signature = base64_text(key.verifier.key_id + key.sign(text.encode()))
    return f"{text}\n{SIGNATURE_MARK}{key.name} {signature}\n"


def open_note(note: str, keys: Collection[VerifierKey]) -> str:
    """Return the text of a note that at least one of `keys` signed, and none wrongly.

    Raises:
        MalformedNoteError: it is not a signed note. UnverifiedNoteError: none of the keys signed
        it, or a signature is wrong.
    """
    parsed = parse_note(note)
    known = {(key.name, key.key_id): key for key in keys}
    found = [(known.get((line.name, line.key_id)), line.value) for line in parsed.signatures]
    checked = [key.verifies(value, parsed.text.encode()) for key, value in found if key is not None]
    if not checked or not all(checked):
        raise UnverifiedNoteError("wrong signature" if checked else "no signature by a known key")
    return parsed.text


def parse_note(note: str) -> Note:
    """Parse a note without verifying it."""
    if has_control_characters(note):
        raise MalformedNoteError("control characters in a note")
    text, separator, lines = note.rpartition("\n\n")
    if not separator or not lines.endswith("\n"):
        raise MalformedNoteError(
            "a note is text, an empty line, and signatures, each ending in a newline"
        )
    signatures = tuple(parse_signature(line) for line in lines[:-1].split("\n"))
    if len(signatures) > MAX_SIGNATURES:
        raise MalformedNoteError("too many signatures")
    return Note(text + "\n", signatures)


def parse_signature(line: str) -> Signature:
    name, blank, encoded = line.removeprefix(SIGNATURE_MARK).partition(" ")
    if not line.startswith(SIGNATURE_MARK) or not blank or not is_key_name(name):
        raise MalformedNoteError("a signature is a dash, a name and base64")
    value = from_base64(encoded)
    if len(value) <= KEY_ID_BYTES:
        raise MalformedNoteError("a signature without a value")
    return Signature(name, value[:KEY_ID_BYTES], value[KEY_ID_BYTES:])


def parse_key(line: str) -> VerifierKey:
    """Parse a public key `name+id+base64`."""
    name, _, rest = line.partition("+")
    key_id, _, encoded = rest.partition("+")
    value = from_base64(encoded)
    if not is_key_name(name) or value[:1] != _ED25519 or len(value) != 1 + PUBLIC_KEY_BYTES:
        raise MalformedNoteError("not an Ed25519 key")
    key = VerifierKey(name, value[1:])
    if key.key_id.hex() != key_id:
        raise MalformedNoteError("the key's id does not belong to the key")
    return key


def is_key_name(name: str) -> bool:
    return bool(name) and "+" not in name and not any(character.isspace() for character in name)


def has_control_characters(text: str) -> bool:
    return any(character < " " and character != "\n" for character in text)


def base64_text(value: bytes) -> str:
    return base64.b64encode(value).decode()


def from_base64(text: str) -> bytes:
    """Decode base64, rejecting non-canonical encodings."""
    try:
        value = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise MalformedNoteError("not base64") from error
    if base64_text(value) != text:
        raise MalformedNoteError("not base64 in its right form")
    return value
