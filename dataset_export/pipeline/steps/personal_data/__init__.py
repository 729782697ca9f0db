"""Put typed placeholders in place of personal data.

Found are email addresses, telephone numbers, payment cards, bank accounts, national ids, IP addresses, web addresses
with a key or a name in them, bare secrets, and street addresses where that is sure enough. NOT found are names of
people: no pattern tells them from other words, and a model that did would be wrong too often to be a promise.
@handles are the step `mentions`.
"""

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import ClassVar

from dataset_export.pipeline.links import has_link
from dataset_export.pipeline.records import Record
from dataset_export.pipeline.redaction import Replacement, redact
from dataset_export.pipeline.steps.personal_data.emails import emails, has_word_for_at
from dataset_export.pipeline.steps.personal_data.identifiers import cards, ibans, national_ids
from dataset_export.pipeline.steps.personal_data.ip_addresses import ip_addresses
from dataset_export.pipeline.steps.personal_data.links import personal_links, secret_links, secrets
from dataset_export.pipeline.steps.personal_data.matches import PiiMatch, without_overlaps
from dataset_export.pipeline.steps.personal_data.normalize_text import fold_for_detection
from dataset_export.pipeline.steps.personal_data.phones import phones
from dataset_export.pipeline.steps.personal_data.postal_addresses import addresses

# Fewer digits than these are in none of a kind.
_IP_DIGITS = 4
_NUMBER_DIGITS = 6
_NUMBER = re.compile(r"\d(?:[A-Za-z .()/+-]{0,3}\d){5}")

# All personal data that is found holds one of these, but for addresses spelt out: a text without is done at once.
_SIGNS = b"@(<[{/=_-"
_PLAIN = bytes(set(range(256)) - set(_SIGNS + b"0123456789"))


@dataclass(frozen=True, slots=True)
class PersonalData:
    """Replace personal data by "<email>", "<phone>" and the like.

    What is left is looked at again until nothing is found, so that a second run changes nothing: a placeholder may
    bring a word nearer to a number. No pattern takes in a placeholder, so that each round leaves less to find.
    """

    name: ClassVar[str] = "personal_data"

    def __call__(self, record: Record) -> Record:
        while found := find_personal_data(record.text, record.language, record.region):
            record = redact(
                record,
                [Replacement(one.kind, one.start, one.end, f"<{one.kind}>") for one in found],
            )
        return record


def find_personal_data(text: str, language: str = "", region: str = "") -> list[PiiMatch]:
    """Return where personal data stands in a text, in order and without overlaps.

    Most posts hold none: what each finder needs to see is looked for first, by the quickest means there are.
    """
    written, text = text, fold_for_detection(text)
    signs = text.encode("utf-8", "surrogatepass").translate(None, _PLAIN)
    if not signs:
        return list(emails(text)) if has_word_for_at(text) else []
    digits = len(signs.translate(None, _SIGNS))
    # As written: a full-width sign that ends an address would go on with it when folded.
    places = secret_links(written) if b"/" in signs or has_link(text) else []
    found = list(emails(text))
    if b"=" in signs or b"/" in signs:
        found += personal_links(text, places)
    if digits or b"-----" in signs:
        found += secrets(text)
    if digits:
        found += addresses(text, language)
    if digits >= _IP_DIGITS:
        found += ip_addresses(text)
    if digits >= _NUMBER_DIGITS and _NUMBER.search(text):
        found += _outside(places, _numbers(text, language, region))
    return without_overlaps(found) if found else found


def _numbers(text: str, language: str, region: str) -> Iterator[PiiMatch]:
    yield from cards(text)
    yield from ibans(text)
    yield from national_ids(text)
    yield from phones(text, language, region)


def _outside(places: list[tuple[int, int]], numbers: Iterable[PiiMatch]) -> Iterator[PiiMatch]:
    """Yield the numbers that are not part of a web address: those there belong to pages."""
    starts = [start for start, _ in places]
    for number in numbers:
        after = bisect_left(starts, number.end)
        if after == 0 or places[after - 1][1] <= number.start:
            yield number
