"""Read uploaded evaluation texts, and keep what is needed of them: hashes."""

import json
from collections.abc import Iterator
from typing import Any, BinaryIO

from django.db import transaction

from accounts.models import User
from common.text_files import TextEncodingError, iter_utf8_lines
from dataset_export.models import EvaluationList
from dataset_export.pipeline.steps.decontaminate import NGRAM_WORDS, EvaluationNgrams

_MEBIBYTE = 1024 * 1024
# The hashes are made while the person waits: a mebibyte takes a quarter of a second.
MAX_LIST_BYTES = 6 * _MEBIBYTE


class InvalidEvaluationListError(ValueError):
    """The file is not what it should be; the message says where."""


def parse_texts(file: BinaryIO, field: str = "") -> list[str]:
    """Return the texts of a file: its lines, or of JSON Lines what stands in a field. Empty lines do not count.

    Raises:
        UnreadableList: with the number of the line.
    """
    texts = [text_of(line, number, field) for number, line in decoded(file) if line.strip()]
    if not texts:
        raise InvalidEvaluationListError("The file is empty.")
    return texts


def decoded(file: BinaryIO) -> Iterator[tuple[int, str]]:
    try:
        lines = list(iter_utf8_lines(file))
    except TextEncodingError as error:
        raise InvalidEvaluationListError(str(error)) from error
    for number, line in enumerate(lines, start=1):
        try:
            yield number, line.decode()
        except UnicodeDecodeError as error:
            raise InvalidEvaluationListError(
                f"Line {number} is not UTF-8. Save the file in that encoding."
            ) from error


def text_of(line: str, number: int, field: str) -> str:
    if not field:
        if number == 1 and is_object(line):
            raise InvalidEvaluationListError(
                "Line 1 is a JSON object. Say in which field of it the text stands."
            )
        return line.strip()
    row = parse_json_line(line, number)
    if not isinstance(row, dict) or field not in row:
        raise InvalidEvaluationListError(f"Line {number} has no field {field}.")
    if not isinstance(row[field], str):
        raise InvalidEvaluationListError(f"Line {number}: what stands in {field} is no text.")
    return row[field]


def is_object(line: str) -> bool:
    """Say whether a line is one of JSON Lines, whose keys would be taken for words of the text."""
    try:
        return isinstance(json.loads(line), dict)
    except (ValueError, RecursionError):
        return False


def parse_json_line(line: str, number: int) -> Any:
    try:
        return json.loads(line)
    except (ValueError, RecursionError) as error:
        raise InvalidEvaluationListError(
            f"Line {number} is not JSON: {getattr(error, 'msg', 'nested too deep')}."
        ) from error


def build_ngrams(name: str, texts: list[str]) -> EvaluationNgrams:
    """Return the hashes of the texts' n-grams.

    Raises:
        UnreadableList: no text is long enough to be told from other texts.
    """
    ngrams = EvaluationNgrams.from_texts(name, texts, NGRAM_WORDS)
    if not len(ngrams.hashes):
        raise InvalidEvaluationListError(
            "Each text is too short: a few words stand in many posts that quote nothing."
        )
    return ngrams


@transaction.atomic
def create_evaluation_list(
    *, ngrams: EvaluationNgrams, texts: int, source: str, by: User | None
) -> EvaluationList:
    """Store a list for good, without its texts."""
    return EvaluationList.objects.create(
        name=ngrams.name,
        source=source,
        sha256=ngrams.sha256,
        texts=texts,
        ngrams=ngrams.to_bytes(),
        created_by=by,
    )


def ngrams_in(each: EvaluationList) -> int:
    """Return how many n-grams a list keeps out."""
    return len(EvaluationNgrams.from_bytes(bytes(each.ngrams)).hashes)
