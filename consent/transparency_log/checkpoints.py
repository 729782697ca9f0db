"""Signs checkpoints of the ledger (C2SP tlog-checkpoint)."""

from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone

from common.advisory_locks import AdvisoryLock, advisory_lock
from consent.models import Checkpoint
from consent.selectors import ledger_size
from consent.transparency_log import merkle
from consent.transparency_log.keys import registered, signing_key
from consent.transparency_log.notes import (
    MalformedNoteError,
    SignerKey,
    base64_text,
    from_base64,
    sign_note,
)
from consent.transparency_log.tiles import database_subtree, write_full_tiles

_PROOF_HEADER = "c2sp.org/tlog-proof@v1"


class InconsistentLogError(Exception):
    """The ledger does not extend what was signed; nothing may be signed."""


@dataclass(frozen=True, slots=True)
class TreeHead:
    """The content of a checkpoint: origin, size and root."""

    origin: str
    size: int
    root: bytes

    def __str__(self) -> str:
        return f"{self.origin}\n{self.size}\n{base64_text(self.root)}\n"


def parse_tree_head(text: str) -> TreeHead:
    """Parse a checkpoint's text; lines after the third are extensions."""
    lines = text.split("\n")
    if len(lines) < 4 or not all(lines[:-1]) or lines[-1]:
        raise MalformedNoteError("a checkpoint is an origin, a size and a root")
    origin, size, root = lines[:3]
    if not (size.isascii() and size.isdigit()) or str(int(size)) != size:
        raise MalformedNoteError("a checkpoint's size is a decimal number")
    return TreeHead(origin, int(size), from_base64(root))


def newest_checkpoint() -> Checkpoint | None:
    return Checkpoint.objects.select_related("key").order_by("-size", "-pk").first()


def sign_checkpoint() -> Checkpoint:
    """Return a checkpoint of the whole ledger by the current key, signing one if needed.

    Raises:
        InconsistentLogError: the ledger does not extend what was signed before.
    """
    signer = signing_key()
    return find_checkpoint(ledger_size(), signer) or sign_pending(signer)


def find_checkpoint(size: int, signer: SignerKey) -> Checkpoint | None:
    """Return the checkpoint of exactly this size by this key."""
    key = signer.verifier
    found = Checkpoint.objects.filter(size=size, key__name=key.name, key__public_key=key.public_key)
    return found.select_related("key").order_by("pk").first()


@transaction.atomic
def sign_pending(signer: SignerKey) -> Checkpoint:
    lock_signing()
    size = ledger_size()
    if found := find_checkpoint(size, signer):
        return found
    assert_consistent(size)
    write_full_tiles(size)
    root = merkle.root(size, database_subtree())
    note = sign_note(str(TreeHead(signer.name, size, root)), signer)
    key = registered(signer.verifier)
    return Checkpoint.objects.create(
        size=size, root=root, note=note, key=key, signed_at=timezone.now()
    )


def lock_signing() -> None:
    """Serialize the signing of checkpoints until the transaction ends."""
    advisory_lock(AdvisoryLock.LOG_SIGNING)


def assert_consistent(size: int) -> None:
    """Refuse to sign what contradicts an earlier checkpoint."""
    newest = newest_checkpoint()
    if newest is None:
        return
    if size < newest.size or merkle.root(newest.size, database_subtree()) != bytes(newest.root):
        raise InconsistentLogError(
            f"the ledger does not begin with what was signed at {newest.size}; see verify_log"
        )


def signed_inclusion_proof(position: int, checkpoint: Checkpoint, tree: merkle.Subtree) -> str:
    """Return an offline proof that a checkpoint covers an event (C2SP tlog-proof)."""
    hashes = merkle.inclusion_proof(position, checkpoint.size, tree)
    lines = [_PROOF_HEADER, f"index {position}", *map(base64_text, hashes), ""]
    return "\n".join(lines) + "\n" + checkpoint.note
