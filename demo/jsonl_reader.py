"""Posts in JSON Lines, plain or gzipped: one object a line, `{"text", "lang"?, ...}`."""

import gzip
import io
import zlib
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import BinaryIO, NamedTuple, cast

import orjson
import regex

from common.text_files import TextEncodingError, iter_utf8_lines
from posts.forms.compose import MAXIMUM_CHARACTERS
from posts.models import Post
from posts.text.entities import normalize_text

GZIP_MAGIC = b"\x1f\x8b"
_LANGUAGE_LENGTH = Post._meta.get_field("language").max_length or 0
# The outer form of BCP 47: a language of letters, then subtags.
_LANGUAGE = regex.compile(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*")


class UnreadableFileError(Exception):
    """The file cannot be read to its end; the message says what to do."""


class InvalidLineError(Exception):
    """The line is no post; the message says why."""


class Line(NamedTuple):
    text: str
    language: str


def read_jsonl(path: Path) -> Iterator[bytes]:
    """Yield the lines of a file.

    Raises:
        Unreadable: at whichever line the trouble begins.
    """
    try:
        with open_file(path) as file:
            yield from iter_utf8_lines(file)
    except TextEncodingError as error:
        raise UnreadableFileError(f"{path} cannot be read. {error}") from error
    except FileNotFoundError as error:
        raise UnreadableFileError(f"There is no file {path}. Check the path.") from error
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise UnreadableFileError(
            f"{path} is no whole gzip file ({error}). Fetch or pack it again."
        ) from error
    except OSError as error:
        raise UnreadableFileError(
            f"{path} cannot be read ({error.strerror}). Check what it is and its rights."
        ) from error


def open_file(path: Path) -> BinaryIO:
    with path.open("rb") as file:
        zipped = path.suffix == ".gz" or file.read(2) == GZIP_MAGIC
    if not zipped:
        return path.open("rb")
    # GzipFile hands out lines through Python code; a buffer around it does so ten times as fast.
    return io.BufferedReader(cast(io.RawIOBase, gzip.open(path)), 1 << 17)


def count_lines(path: Path, most: int | None) -> int:
    """Count lines, `most` at the most."""
    return sum(1 for _ in islice(read_jsonl(path), most))


def parse(line: bytes) -> Line:
    """Return what a line says.

    Raises:
        BadLine: it is no post that could be stored.
    """
    content = parse_json(line)
    if not isinstance(content, dict):
        raise InvalidLineError("no JSON object")
    return Line(parse_text(content.get("text")), parse_language(content.get("lang")))


def parse_json(line: bytes) -> object:
    if not line.strip():
        raise InvalidLineError("empty line")
    try:
        # orjson refuses what PostgreSQL would refuse: bytes that are not UTF-8, lone surrogates.
        return cast(object, orjson.loads(line))
    except orjson.JSONDecodeError as error:
        raise InvalidLineError(f"no valid JSON: {error.msg} at column {error.colno}") from error


def parse_text(text: object) -> str:
    if text is None:
        raise InvalidLineError('no "text"')
    if not isinstance(text, str):
        raise InvalidLineError('"text" is no string')
    if len(text) > MAXIMUM_CHARACTERS:
        raise InvalidLineError(
            f'"text" has {len(text):,} characters; {MAXIMUM_CHARACTERS:,} are allowed'
        )
    if "\x00" in text:
        raise InvalidLineError('"text" holds a NUL character')
    return normalize_text(text) or refuse_empty()


def refuse_empty() -> str:
    raise InvalidLineError('"text" is empty')


def parse_language(language: object) -> str:
    if language is None or language == "":
        return ""
    plausible = (
        isinstance(language, str)
        and _LANGUAGE.fullmatch(language)
        and len(language) <= _LANGUAGE_LENGTH
    )
    if not plausible:
        raise InvalidLineError(f'"lang" is no language tag: {str(language)[:40]!r}')
    return cast(str, language)
