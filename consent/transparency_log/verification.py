"""Recomputes the whole log and compares it with everything that was signed."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from hashlib import sha256

from django.db.models import Max, Q

from consent.models import Checkpoint, ConsentEvent, LogKey, LogNode, Notice, Subject
from consent.seals import is_sealed_notice, is_sealed_subject
from consent.selectors import ledger_size
from consent.transparency_log.checkpoints import TreeHead
from consent.transparency_log.keys import get_verifier, signing_key
from consent.transparency_log.merkle import GrowingTree
from consent.transparency_log.notes import (
    MalformedNoteError,
    UnverifiedNoteError,
    VerifierKey,
    open_note,
)
from consent.transparency_log.tiles import TILE_HEIGHT, TILE_WIDTH, nodes_at

# Whole tiles, so that each batch ends at a node.
EVENTS_AT_ONCE = 8 * TILE_WIDTH
MAX_SUSPECTS = 1000
Nodes = dict[tuple[int, int], bytes]


class BrokenTreeError(Exception):
    """Every later root differs; the message names the first problem."""


@dataclass(slots=True)
class Verification:
    """One pass over the ledger in constant memory."""

    events: int = 0
    checkpoints: int = 0
    _tree: GrowingTree = field(default_factory=GrowingTree)
    _sound_to: int = 0

    def problems(self) -> Iterator[str]:
        """Yield problems by position; the pass ends where the tree is broken."""
        # Read before the end of the ledger: later checkpoints are left to the next pass.
        newest = Checkpoint.objects.aggregate(pk=Max("pk", default=0), size=Max("size", default=0))
        size = ledger_size()
        keys = known_keys()
        yield from changed_notices(keys)
        yield from changed_subjects(keys)
        try:
            yield from self._walk(size, newest["pk"])
            if newest["size"] > size:
                raise BrokenTreeError(
                    f"{positions(size, newest['size'])} missing: signed, but not in the ledger"
                )
        except BrokenTreeError as broken:
            yield str(broken)
            return
        yield from surplus_nodes(size)
        yield from missing_nodes(newest["size"])

    def _walk(self, size: int, newest: int) -> Iterator[str]:
        yield from self._checked(checkpoints_between(-1, 0, newest).get(0, []))
        for start in range(0, size, EVENTS_AT_ONCE):
            stop = min(start + EVENTS_AT_ONCE, size)
            nodes, checkpoints = (
                nodes_between(start, stop),
                checkpoints_between(start, stop, newest),
            )
            for event in events_between(start, stop):
                yield from self._take(event)
                yield from self._wrong_nodes(nodes)
                yield from self._checked(checkpoints.get(self._tree.size, []))
            if self._tree.size < stop:
                raise BrokenTreeError(f"{positions(self._tree.size, self._tree.size + 1)} missing")

    def _take(self, event: ConsentEvent) -> Iterator[str]:
        if event.position != self._tree.size:
            raise BrokenTreeError(f"{positions(self._tree.size, event.position)} missing")
        if bytes(event.leaf_hash) != event.expected_leaf_hash():
            yield f"position {event.position} was changed: it does not say what was logged"
        self._tree.append(bytes(event.leaf_hash))
        self.events += 1

    def _wrong_nodes(self, nodes: Nodes) -> Iterator[str]:
        """Compare the stored roots of the tiles that the newest event completes."""
        size = self._tree.size
        for level, root in enumerate(self._tree.completed[TILE_HEIGHT::TILE_HEIGHT], 1):
            width = 1 << (TILE_HEIGHT * level)
            if nodes.get((level, size // width - 1), root) != root:
                yield f"node {level}/{size // width - 1} was changed: {positions(size - width, size)} beneath it"

    def _checked(self, checkpoints: list[Checkpoint]) -> Iterator[str]:
        for checkpoint in checkpoints:
            self.checkpoints += 1
            wrong = event_problems(checkpoint)
            if wrong:
                yield f"the checkpoint at {checkpoint.size} was changed: {wrong}"
            elif bytes(checkpoint.root) != self._tree.root():
                where = positions(self._sound_to, checkpoint.size)
                raise BrokenTreeError(
                    f"{where} changed: not what the checkpoint at {checkpoint.size} signed"
                )
            else:
                self._sound_to = checkpoint.size


def event_problems(checkpoint: Checkpoint) -> str | None:
    """Return problems of a checkpoint itself: its signature, or columns that differ from the
    note.
    """
    key = get_verifier(checkpoint.key)
    try:
        text = open_note(checkpoint.note, [key])
    except (MalformedNoteError, UnverifiedNoteError) as error:
        return f"{error}, key {key}"
    if text != str(TreeHead(key.name, checkpoint.size, bytes(checkpoint.root))):
        return "its columns do not say what was signed"
    return None


def positions(start: int, stop: int) -> str:
    """Format positions from `start` to `stop` as the subject of a sentence."""
    if stop - start == 1:
        return f"position {start} is"
    return f"positions {start} to {stop - 1} are"


def known_keys() -> list[VerifierKey]:
    """Return the current and all former keys."""
    return [signing_key().verifier, *(get_verifier(key) for key in LogKey.objects.order_by("-pk"))]


def changed_notices(keys: list[VerifierKey]) -> Iterator[str]:
    for notice in Notice.objects.order_by("pk").iterator(chunk_size=100):
        if sha256(notice.text.encode()).digest() != bytes(notice.text_sha256):
            yield f"the text of notice {notice} was changed"
        elif not is_sealed_notice(notice, keys):
            yield f"notice {notice} was changed: it is not what the site sealed"


def changed_subjects(keys: list[VerifierKey]) -> Iterator[str]:
    """Return subjects whose signature does not match their account."""
    for subject in (
        Subject.objects.only("pk", "user_id", "seal").order_by("pk").iterator(chunk_size=1000)
    ):
        if not is_sealed_subject(subject, keys):
            yield f"subject {subject.pk} was changed: the site did not draw it for the account that it stands for"


def events_between(start: int, stop: int) -> Iterator[ConsentEvent]:
    events = ConsentEvent.objects.filter(position__gte=start, position__lt=stop).order_by(
        "position"
    )
    return iter(events.select_related("notice"))


def checkpoints_between(start: int, stop: int, newest: int) -> dict[int, list[Checkpoint]]:
    """Return the checkpoints with sizes in (start, stop], by size and key."""
    found = defaultdict(list)
    rows = Checkpoint.objects.filter(size__gt=start, size__lte=stop, pk__lte=newest)
    for checkpoint in rows.select_related("key").order_by("size", "pk"):
        found[checkpoint.size].append(checkpoint)
    return found


def nodes_between(start: int, stop: int) -> Nodes:
    """Return the stored roots of tiles that end among these events."""
    level, ranges = 1, Q(pk__in=[])
    while nodes_at(level, stop):
        ranges |= Q(level=level, index__gte=nodes_at(level, start), index__lt=nodes_at(level, stop))
        level += 1
    return {(node.level, node.index): bytes(node.hash) for node in LogNode.objects.filter(ranges)}


def surplus_nodes(size: int) -> Iterator[str]:
    """Return stored nodes beyond the ledger, which may have grown since it had `size` events."""
    level, allowed = 1, Q(pk__in=[])
    while nodes_at(level, size):
        allowed |= Q(level=level, index__gte=0, index__lt=nodes_at(level, size))
        level += 1
    suspects = list(LogNode.objects.exclude(allowed).order_by("level", "index")[:MAX_SUSPECTS])
    # Read after the nodes: a node is never older than its events.
    size = ledger_size()
    for node in suspects:
        if node.level < 1 or not 0 <= node.index < nodes_at(node.level, size):
            yield f"node {node} is of no events"


def missing_nodes(signed: int) -> Iterator[str]:
    """Return the number of nodes that a signed log of this size must have."""
    level = 1
    while wanted := nodes_at(level, signed):
        found = LogNode.objects.filter(level=level, index__gte=0, index__lt=wanted).count()
        if found < wanted:
            yield f"{wanted - found} of the {wanted} nodes of level {level} are missing"
        level += 1
