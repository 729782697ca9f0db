"""Reads lines of text files: byte order marks, UTF-16, UTF-32, and any line ends."""

import codecs
import io
from collections.abc import Iterator
from typing import BinaryIO, Final

# In this order: the mark of UTF-32 LE begins with that of UTF-16 LE.
_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_SAMPLE_BYTES: Final = 1 << 16


class TextEncodingError(ValueError):
    """The encoding of a file cannot be read; the message says what to do."""


def iter_utf8_lines(file: BinaryIO) -> Iterator[bytes]:
    r"""Yield the lines of a seekable file as UTF-8, each but the last ending in `

    `.

    UTF-8 passes through undecoded, so that one bad line stays one bad line. UTF-16 and UTF-32 are
    recognized by their marks. Lines end in LF, CR LF or CR.

    Raises:
        TextEncodingError: zeros between letters without a mark, or bytes that contradict the
        mark.
    """
    start = file.tell()
    sample = file.read(_SAMPLE_BYTES)
    file.seek(start)
    mark, encoding = next(
        ((mark, name) for mark, name in _MARKS if sample.startswith(mark)), (b"", "")
    )
    if encoding in ("utf-16", "utf-32"):
        yield from _decoded_lines(file, encoding)
        return
    if _looks_wide(sample):
        raise TextEncodingError(
            "This looks like UTF-16 without a byte order mark. Save it as UTF-8."
        )
    file.seek(start + len(mark))
    if b"\r" in sample and b"\n" not in sample:
        # A file with CR only would be one line: the decoder finds its ends, keeping invalid bytes.
        yield from _decoded_lines(file, "utf-8", errors="surrogateescape")
        return
    for line in file:
        if b"\r" in line:
            yield from line.replace(b"\r\n", b"\n").replace(b"\r", b"\n").splitlines(keepends=True)
        else:
            yield line


def _decoded_lines(file: BinaryIO, encoding: str, errors: str = "strict") -> Iterator[bytes]:
    text = io.TextIOWrapper(file, encoding=encoding, errors=errors, newline=None)
    try:
        for line in text:
            yield line.encode("utf-8", errors)
    except UnicodeDecodeError as error:
        raise TextEncodingError(
            f"This begins like {encoding.upper()} and goes on otherwise. Save it as UTF-8."
        ) from error
    except UnicodeEncodeError as error:
        raise TextEncodingError(
            "The file holds half a character (a lone surrogate). Save it as UTF-8."
        ) from error
    finally:
        text.detach()


def _looks_wide(sample: bytes) -> bool:
    """Tell whether every other byte at the start is mostly zero, as in UTF-16 of Latin text."""
    head = sample[: len(sample) & ~1][:256]
    return len(head) >= 4 and 4 * max(head[::2].count(0), head[1::2].count(0)) >= len(head)
