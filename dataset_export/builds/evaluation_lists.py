"""Parse uploaded evaluation texts and store their hashes."""

import json
from collections.abc import Iterator
from typing import Any, BinaryIO

from django.db import transaction
from django.utils.translation import gettext

from accounts.models import User
from common.text_files import TextEncodingError, iter_utf8_lines
from dataset_export.models import EvaluationList
from dataset_export.pipeline.steps.decontaminate import NGRAM_WORDS, EvaluationNgrams

_MEBIBYTE = 1024 * 1024
# Hashing happens in the request: a mebibyte takes a quarter of a second.
MAX_LIST_BYTES = 6 * _MEBIBYTE


class InvalidEvaluationListError(ValueError):
    """The file is invalid; the message names the line."""


def parse_texts(file: BinaryIO, field: str = "") -> list[str]:
    """Return the non-empty lines of a file, or the values of a field of JSON Lines.

    Raises:
        InvalidEvaluationListError: naming the line.
    """
    texts = [text_of(line, number, field) for number, line in decoded(file) if line.strip()]
    if not texts:
        raise InvalidEvaluationListError(gettext("The file is empty."))
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
                gettext("Line {number} is not UTF-8. Save the file in that encoding.").format(
                    number=number
                )
            ) from error


def text_of(line: str, number: int, field: str) -> str:
    if not field:
        if number == 1 and is_object(line):
            raise InvalidEvaluationListError(
                gettext("Line 1 is a JSON object. Name the field with the text.")
            )
        return line.strip()
    row = parse_json_line(line, number)
    if not isinstance(row, dict) or field not in row:
        raise InvalidEvaluationListError(
            gettext("Line {number} has no field {field}.").format(number=number, field=field)
        )
    if not isinstance(row[field], str):
        raise InvalidEvaluationListError(
            gettext("Line {number}: the field {field} is not text.").format(
                number=number, field=field
            )
        )
    return row[field]


def is_object(line: str) -> bool:
    """Return whether a line is a JSON object, whose keys must not count as text."""
    try:
        return isinstance(json.loads(line), dict)
    except (ValueError, RecursionError):
        return False


def parse_json_line(line: str, number: int) -> Any:
    try:
        return json.loads(line)
    except (ValueError, RecursionError) as error:
        raise InvalidEvaluationListError(
            gettext("Line {number} is not JSON: {error}.").format(
                number=number, error=getattr(error, "msg", gettext("nested too deep"))
            )
        ) from error


def build_ngrams(name: str, texts: list[str]) -> EvaluationNgrams:
    """Return the hashes of the texts' n-grams.

    Raises:
        InvalidEvaluationListError: every text is too short to be distinctive.
    """
    ngrams = EvaluationNgrams.from_texts(name, texts, NGRAM_WORDS)
    if not len(ngrams.hashes):
        raise InvalidEvaluationListError(
            gettext("Every text is too short: a few words occur in many posts that quote nothing.")
        )
    return ngrams


@transaction.atomic
def create_evaluation_list(
    *, ngrams: EvaluationNgrams, texts: int, source: str, by: User | None
) -> EvaluationList:
    """Store a list permanently, without its texts."""
    return EvaluationList.objects.create(
        name=ngrams.name,
        source=source,
        sha256=ngrams.sha256,
        texts=texts,
        ngrams=ngrams.to_bytes(),
        created_by=by,
    )


def ngrams_in(each: EvaluationList) -> int:
    """Return the number of n-grams in a list."""
    return len(EvaluationNgrams.from_bytes(bytes(each.ngrams)).hashes)
