#!/usr/bin/env python3
"""Check receipts and checkpoints of a Commonplace consent log, without trusting whoever runs it.

    commonplace_verify.py receipt.json [--key VKEY]
    commonplace_verify.py receipts.jsonl [--key VKEY]
    commonplace_verify.py old-checkpoint new-checkpoint [--key VKEY] [--proof FILE | --log URL]

It prints `valid: ...` and exits with 0, or `invalid: ...` and exits with 1. It needs Python 3.11 and the package
`cryptography`, and it shares no code with the site. A receipt is checked offline.

VKEY is a public key in its one-line form, `name+id+base64`; give `--key` once for each key that you trust. Without it a
receipt is checked against the key that it names itself, which shows that it is whole, not whose it is.

Of two checkpoints it checks that the older log is the beginning of the newer one. The hashes that show this come from
`--proof FILE` (RFC 9162, section 2.1.4: base64, one hash a line), or are computed from the log's tiles at `--log URL`,
such as https://example.org/log. With `--log` and without `--key` the keys are asked of the log as well.

The formats: RFC 6962 and RFC 9162 (trees), C2SP signed-note, tlog-checkpoint, tlog-proof and tlog-tiles; a receipt is
JSON-LD and signed as described at `check_signature`.
"""

import argparse
import base64
import binascii
import json
import sys
import urllib.error
import urllib.request
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

RECEIPT_PREFIX = b"commonplace-receipt/1\n"
_PROOF_HEADER = "c2sp.org/tlog-proof@v1"
_ED25519 = b"\x01"
_TILE_WIDTH = 256
_MAX_BYTES = 16 * 1024 * 1024
_SECONDS = 30
_Subtree = Callable[[int, int], bytes]


class VerificationError(Exception):
    """Something does not hold; the message says what."""


# Keys and signed notes (C2SP signed-note)


@dataclass(frozen=True, slots=True)
class _Key:
    name: str
    public_key: bytes

    @property
    def id(self) -> bytes:
        return sha256(self.name.encode() + b"\n" + _ED25519 + self.public_key).digest()[:4]

    def __str__(self) -> str:
        return f"{self.name}+{self.id.hex()}"

    def verifies(self, signature: bytes, message: bytes) -> bool:
        try:
            Ed25519PublicKey.from_public_bytes(self.public_key).verify(signature, message)
        except (InvalidSignature, ValueError):
            return False
        return True


@dataclass(frozen=True, slots=True)
class _Checkpoint:
    origin: str
    size: int
    root: bytes
    key: _Key


def read_key(line: str) -> _Key:
    name, _, rest = line.strip().partition("+")
    key_id, _, encoded = rest.partition("+")
    value = _from_base64(encoded, "a key")
    if value[:1] != _ED25519 or len(value) != 33:
        raise VerificationError("a key is not an Ed25519 key in its one-line form")
    key = _Key(name, value[1:])
    if key.id.hex() != key_id:
        raise VerificationError(f"the id of key {name} does not belong to it")
    return key


def read_checkpoint(note: str, keys: Sequence[_Key]) -> _Checkpoint:
    """Open a signed checkpoint: one of the keys signed it, and none of them wrongly."""
    if any(character < " " and character != "\n" for character in note):
        raise VerificationError("a checkpoint has control characters")
    text, separator, lines = note.rpartition("\n\n")
    if not separator or not lines.endswith("\n"):
        raise VerificationError("a checkpoint is text, an empty line and signatures")
    key = signer_of(text + "\n", lines[:-1].split("\n"), keys)
    parts = text.split("\n")
    if len(parts) < 3 or not all(parts):
        raise VerificationError("a checkpoint is an origin, a size and a root")
    return _Checkpoint(parts[0], number(parts[1], "a checkpoint's size"), a_hash(parts[2]), key)


def signer_of(text: str, lines: Sequence[str], keys: Sequence[_Key]) -> _Key:
    found = [key for line in lines for key in keys if is_signed_by(key, line, text)]
    if not found:
        raise VerificationError("the checkpoint is not signed by a key that you trust")
    return found[0]


def is_signed_by(key: _Key, line: str, text: str) -> bool:
    dash, name, encoded = [*line.split(" "), "", ""][:3]
    if dash != "—" or line.count(" ") != 2:
        raise VerificationError("a signature line is a dash, a name and base64")
    value = _from_base64(encoded, "a signature")
    if (name, value[:4]) != (key.name, key.id):
        return False
    if not key.verifies(value[4:], text.encode()):
        raise VerificationError(f"the checkpoint's signature by {key} is wrong")
    return True


# Trees (RFC 6962, section 2.1; RFC 9162, section 2.1)


def _node_hash(left: bytes, right: bytes) -> bytes:
    return sha256(b"\x01" + left + right).digest()


def root_from_inclusion(leaf: bytes, index: int, size: int, proof: Sequence[bytes]) -> bytes:
    """Return the root to which a leaf and its proof lead (RFC 9162, section 2.1.3.2)."""
    if not 0 <= index < size:
        raise VerificationError(f"position {index} is not in a log of {size}")
    node, last, current = index, size - 1, leaf
    for sibling in proof:
        if last == 0:
            raise VerificationError("the proof is too long")
        if node & 1 or node == last:
            current = _node_hash(sibling, current)
            while not node & 1 and node:
                node, last = node >> 1, last >> 1
        else:
            current = _node_hash(current, sibling)
        node, last = node >> 1, last >> 1
    if last != 0:
        raise VerificationError("the proof is too short")
    return current


def roots_from_consistency(
    old: _Checkpoint, new: _Checkpoint, proof: Sequence[bytes]
) -> tuple[bytes, bytes]:
    """Return the two roots to which a consistency proof leads (RFC 9162, section 2.1.4.2)."""
    path = [old.root, *proof] if old.size & (old.size - 1) == 0 else list(proof)
    if not path:
        raise VerificationError("the proof is empty")
    node, last = old.size - 1, new.size - 1
    while node & 1:
        node, last = node >> 1, last >> 1
    first = second = path[0]
    for sibling in path[1:]:
        if last == 0:
            raise VerificationError("the proof is too long")
        if node & 1 or node == last:
            first, second = _node_hash(sibling, first), _node_hash(sibling, second)
            while not node & 1 and node:
                node, last = node >> 1, last >> 1
        else:
            second = _node_hash(second, sibling)
        node, last = node >> 1, last >> 1
    if last != 0:
        raise VerificationError("the proof is too short")
    return first, second


def _consistency_proof(old: int, new: int, subtree: _Subtree) -> list[bytes]:
    """Compute the proof from full subtrees (RFC 9162, section 2.1.4.1)."""
    proof, start = [], 0
    while old != new:
        left = 1 << ((new - 1).bit_length() - 1)
        if old <= left:
            proof.append(part_root(start + left, new - left, subtree))
            new = left
        else:
            proof.append(part_root(start, left, subtree))
            start, old, new = start + left, old - left, new - left
    if start:
        proof.append(part_root(start, old, subtree))
    return proof[::-1]


def part_root(start: int, size: int, subtree: _Subtree) -> bytes:
    if size & (size - 1) == 0:
        height = size.bit_length() - 1
        return subtree(height, start >> height)
    left = 1 << ((size - 1).bit_length() - 1)
    return _node_hash(
        part_root(start, left, subtree), part_root(start + left, size - left, subtree)
    )


# Tiles over HTTP (C2SP tlog-tiles)


def tiles_of(log: str, size: int) -> _Subtree:
    """Give subtrees of a log of `size`, fetching a tile when it is needed first."""

    @cache
    def tile(level: int, index: int) -> bytes:
        width = min((size >> (8 * level)) - index * _TILE_WIDTH, _TILE_WIDTH)
        part = "" if width == _TILE_WIDTH else f".p/{width}"
        body = _fetch(f"{log}/tile/{level}/{tile_index(index)}{part}")
        if len(body) != width * 32:
            raise VerificationError(
                f"tile {level}/{index} of {log} has {len(body)} bytes instead of {width * 32}"
            )
        return body

    def subtree(height: int, index: int) -> bytes:
        level, inside = divmod(height, 8)
        first = index << inside
        body = tile(level, first // _TILE_WIDTH)
        hashes = [
            body[at * 32 : at * 32 + 32]
            for at in range(first % _TILE_WIDTH, first % _TILE_WIDTH + (1 << inside))
        ]
        while len(hashes) > 1:
            hashes = [
                _node_hash(left, right)
                for left, right in zip(hashes[::2], hashes[1::2], strict=True)
            ]
        return hashes[0]

    return subtree


def tile_index(index: int) -> str:
    """Write 1234067 as x001/x234/067."""
    groups = [f"{index % 1000:03}"]
    while index := index // 1000:
        groups.append(f"x{index % 1000:03}")
    return "/".join(reversed(groups))


def _fetch(url: str) -> bytes:
    if not url.startswith(("https://", "http://")):
        raise VerificationError(f"{url} is not an address on the web")
    try:
        with urllib.request.urlopen(url, timeout=_SECONDS) as answer:  # noqa: S310  only http and https come here
            body: bytes = answer.read(_MAX_BYTES)
    except (urllib.error.URLError, TimeoutError, OSError) as error:
        raise VerificationError(f"{url} cannot be fetched: {error}") from error
    return body


def _keys_of(log: str) -> list[_Key]:
    said = strict_json(_fetch(f"{log}/keys").decode()).get("keys")
    if not isinstance(said, list) or not all(isinstance(key, dict) for key in said):
        raise VerificationError(f"{log}/keys is not a list of keys")
    return [read_key(_text_in(key, "vkey")) for key in said]


# Receipts


def check_receipt(text: str, trusted: Sequence[_Key]) -> str:
    """Check one receipt; return what it proves."""
    receipt = strict_json(text)
    key = _check_signature(receipt, trusted)
    event, leaf = check_event(receipt)
    checkpoint = check_inclusion(receipt, leaf, key)
    check_record(receipt, event)
    about = "the account" if event.get("post_id") is None else f"post {event['post_id']}"
    return (
        f"position {receipt['position']} of {checkpoint.origin}, {event['decision']} {event['purpose']} for {about}, "
        f"at {event['at']}, by {event['subject']}; signed by {key}"
    )


def _check_signature(receipt: dict[str, Any], trusted: Sequence[_Key]) -> _Key:
    """Check that the key that the receipt names is trusted and signed all the rest of it.

    Signed are the bytes of RECEIPT_PREFIX and the JSON of all members but "signature": keys sorted by code point, no
    blanks, UTF-8, integers as they stand.
    """
    key = read_key(_text_in(receipt, "key"))
    if trusted and key not in trusted:
        raise VerificationError(
            f"the receipt is signed by {key}, which is not a key that you trust"
        )
    signature = _from_base64(_text_in(receipt, "signature"), "the signature")
    rest = {name: value for name, value in receipt.items() if name != "signature"}
    message = json.dumps(rest, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    if not key.verifies(signature, RECEIPT_PREFIX + message):
        raise VerificationError("the receipt's signature is wrong: something in it was changed")
    return key


def check_event(receipt: dict[str, Any]) -> tuple[dict[str, Any], bytes]:
    """Check the way from the event to the leaf: entry = SHA-256(salt, JSON), leaf = SHA-256(0x00, entry)."""
    event = receipt.get("event")
    if not isinstance(event, dict):
        raise VerificationError("the receipt has no event")
    logged = json.dumps(event, sort_keys=True, separators=(",", ":")).encode()
    entry = sha256(_from_hex(_text_in(receipt, "salt")) + logged).digest()
    if entry.hex() != _text_in(receipt, "entry"):
        raise VerificationError("the event is not what was logged")
    leaf = sha256(b"\x00" + entry).digest()
    if leaf.hex() != _text_in(receipt, "leafHash"):
        raise VerificationError("the hash of the leaf is not that of the entry")
    return event, leaf


def check_inclusion(receipt: dict[str, Any], leaf: bytes, key: _Key) -> _Checkpoint:
    """Check the proof (C2SP tlog-proof): the leaf is at its position under a checkpoint by the same key."""
    head, separator, note = _text_in(receipt, "proof").partition("\n\n")
    lines = head.split("\n")
    if (
        not separator
        or lines[0] != _PROOF_HEADER
        or len(lines) < 2
        or not lines[1].startswith("index ")
    ):
        raise VerificationError("the receipt has no inclusion proof")
    index = number(lines[1].removeprefix("index "), "the position in the proof")
    if index != receipt.get("position"):
        raise VerificationError("the proof is for another position")
    checkpoint = read_checkpoint(note, [key])
    if checkpoint.origin != key.name:
        raise VerificationError("the checkpoint is of another log")
    if (
        root_from_inclusion(leaf, index, checkpoint.size, [a_hash(line) for line in lines[2:]])
        != checkpoint.root
    ):
        raise VerificationError("the event is not in the log at this position")
    return checkpoint


def check_record(receipt: dict[str, Any], event: dict[str, Any]) -> None:
    """Check that what the receipt says in the words of the DPV is what the logged event says."""
    try:
        record = receipt["dpv:hasRecordOfActivity"]
        notice, status = record["dpv:hasNotice"], record["dpv:hasConsentStatus"]
        given = "dpv:ConsentGiven" in status["@type"]
        pairs = [
            (
                sha256(notice["schema:text"].encode()).hexdigest(),
                event["notice_sha256"],
                "the notice's text",
            ),
            (notice["dct:identifier"], event["notice"], "the notice"),
            (record["dpv:hasDataSubject"]["@id"], f"urn:uuid:{event['subject']}", "the person"),
            (
                record["dpv:hasProcess"]["dpv:hasPurpose"]["@id"].partition("#")[2],
                event["purpose"],
                "the purpose",
            ),
            (status["dpv:isIndicatedAtTime"], event["at"], "the moment"),
            (given, event["decision"] == "granted", "the decision"),
        ]
    except (KeyError, TypeError, AttributeError) as error:
        raise VerificationError(f"the receipt's record is not whole: {error}") from error
    for said, logged, what in pairs:
        if said != logged:
            raise VerificationError(f"{what} in the record is not what was logged")


# Checkpoints


def check_growth(old: _Checkpoint, new: _Checkpoint, proof: Sequence[bytes]) -> str:
    """Check that the older log is the beginning of the newer; return what was shown."""
    if old.size == new.size:
        if proof or old.root != new.root:
            raise VerificationError(
                f"two checkpoints of {old.size} events contradict each other; keep both, they are proof"
            )
        return f"both checkpoints are of the same {old.size} events"
    if not old.size and old.root != sha256().digest():
        raise VerificationError("the root of an empty log is another")
    if old.size and roots_from_consistency(old, new, proof) != (old.root, new.root):
        raise VerificationError(
            f"the log of {old.size} events is not the beginning of the log of {new.size}; keep both"
        )
    return f"the log of {old.size} events is the beginning of the log of {new.size}"


def check_checkpoints(files: Sequence[str], options: argparse.Namespace) -> str:
    log = options.log.rstrip("/") if options.log else None
    keys = [read_key(line) for line in options.key] or (_keys_of(log) if log else [])
    if not keys:
        raise VerificationError("name the key that you trust with --key, or a log with --log")
    old, new = (read_checkpoint(read_text(file), keys) for file in files)
    if old.origin != new.origin:
        raise VerificationError(f"these are two logs: {old.origin} and {new.origin}")
    if old.size > new.size:
        raise VerificationError(
            f"the first checkpoint is the newer one ({old.size} events, then {new.size})"
        )
    signers = ", ".join(dict.fromkeys(str(checkpoint.key) for checkpoint in (old, new)))
    note = (
        ""
        if options.key
        else " (keys named by the log itself: compare them with those from elsewhere)"
    )
    return f"{check_growth(old, new, growth_proof(old, new, log, options.proof))}; signed by {signers}{note}"


def growth_proof(
    old: _Checkpoint, new: _Checkpoint, log: str | None, file: str | None
) -> list[bytes]:
    if file:
        return [a_hash(line) for line in read_text(file).split("\n") if line]
    if not old.size or old.size == new.size:
        return []
    if log is None:
        raise VerificationError(
            "that one log is the beginning of the other needs --proof FILE or --log URL"
        )
    return _consistency_proof(old.size, new.size, tiles_of(log, new.size))


# Small readers that take exactly one form


def strict_json(text: str) -> dict[str, Any]:
    """Read an object in which no name comes twice and no number has a fraction."""
    try:
        value = json.loads(
            text, object_pairs_hook=once, parse_float=refuse_number, parse_constant=refuse_number
        )
    except (ValueError, RecursionError) as error:
        raise VerificationError(f"not JSON: {error}") from error
    if not isinstance(value, dict):
        raise VerificationError("not a JSON object")
    return value


def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise VerificationError("a name comes twice in the JSON")
    return found


def refuse_number(value: str) -> None:
    raise VerificationError(f"{value} is a number that no receipt has")


def _text_in(content: dict[str, Any], name: str) -> str:
    value = content.get(name)
    if not isinstance(value, str):
        raise VerificationError(f"{name} is missing")
    return value


def a_hash(text: str) -> bytes:
    value = _from_base64(text, "a hash")
    if len(value) != 32:
        raise VerificationError("a hash has 32 bytes")
    return value


def _from_base64(text: str, what: str) -> bytes:
    try:
        value = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise VerificationError(f"{what} is not base64") from error
    if base64.b64encode(value).decode() != text:
        raise VerificationError(f"{what} is not base64 in its right form")
    return value


def _from_hex(text: str) -> bytes:
    try:
        return bytes.fromhex(text)
    except ValueError as error:
        raise VerificationError("the salt is not hexadecimal") from error


def number(text: str, what: str) -> int:
    if not (text.isascii() and text.isdigit()) or len(text) > 19 or str(int(text)) != text:
        raise VerificationError(f"{what} is not a decimal number")
    return int(text)


def read_text(file: str) -> str:
    try:
        return Path(file).read_bytes().decode()
    except (OSError, UnicodeDecodeError) as error:
        raise VerificationError(f"{file} cannot be read: {error}") from error


# The command


def check_receipts(file: str, keys: Sequence[str]) -> str:
    trusted = [read_key(line) for line in keys]
    note = (
        ""
        if trusted
        else " (a key named by the receipt itself: compare it with one from elsewhere)"
    )
    if not file.endswith(".jsonl"):
        return check_receipt(read_text(file), trusted) + note
    lines = read_text(file).split("\n")
    if lines[-1] or len(lines) < 2:
        raise VerificationError("the last receipt is cut off, or there is none")
    for count, line in enumerate(lines[:-1], 1):
        try:
            check_receipt(line, trusted)
        except VerificationError as error:
            raise VerificationError(f"line {count}: {error}") from error
    return f"{len(lines) - 1} receipts{note}"


def _arguments() -> argparse.ArgumentParser:
    summary, _, details = (__doc__ or "").partition("\n\n")
    parser = argparse.ArgumentParser(
        description=summary, epilog=details, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "files", nargs="+", metavar="FILE", help="a receipt, or an old and a new checkpoint"
    )
    parser.add_argument(
        "--key", action="append", default=[], metavar="VKEY", help="a public key that you trust"
    )
    source = parser.add_mutually_exclusive_group()
    source.add_argument(
        "--proof", metavar="FILE", help="the consistency proof between two checkpoints"
    )
    source.add_argument("--log", metavar="URL", help="the log whose tiles show that it only grew")
    return parser


def main() -> int:
    parser = _arguments()
    options = parser.parse_args()
    if len(options.files) > 2:
        parser.error("give one receipt, or two checkpoints")
    try:
        if len(options.files) == 2:
            said = check_checkpoints(options.files, options)
        else:
            said = check_receipts(options.files[0], options.key)
    except (VerificationError, UnicodeError) as error:
        print(f"invalid: {error}")
        return 1
    print(f"valid: {said}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
