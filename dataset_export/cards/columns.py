"""Columns of the data, documented from the files' own schema."""

from collections.abc import Iterator
from typing import Any, Final

import pyarrow as pa

# By path, lists as their members; undocumented columns are still listed with their type.
MEANINGS: Final = {
    "id": "Name of the row in this dataset; a pseudonym that is the same in every revision.",
    "text": "What the person wrote, after the steps below.",
    "lang": "Language as a BCP 47 tag; `und` where it could not be told.",
    "created_at": "The month in which it was posted, as its first moment in UTC. A finer time would join datasets.",
    "author": "Pseudonym of the author, for this dataset only.",
    "thread": "Pseudonym of the conversation that the post belongs to.",
    "parent": "The row that this one answers, where that is in the dataset too.",
    "authorship": "Written by, as the author declares.",
    "quality": "Signals to filter by; nothing was left out because of them unless the recipe says so.",
    "quality.characters": "Length of the text in code points.",
    "quality.words": "Number of words; each character counts as one in scripts that put no spaces between words.",
    "quality.language_confidence": "How sure the language is, from 0 to 1; null where the text has no letters.",
    "quality.url_share": "Links as a share of the tokens: words, or characters in scripts without spaces.",
    "quality.hashtag_share": "Hashtags as a share of the tokens.",
    "quality.mention_share": "Mentions as a share of the tokens.",
    "quality.symbol_share": (
        "Symbols and emoji as a share of the visible characters outside links, hashtags and mentions; the first ten "
        "are free, so that 0 does not mean none."
    ),
    "quality.uppercase_share": "Capitals as a share of the cased letters; 0 below thirty cased letters.",
    "quality.repetition": (
        "Share of the words, or of three-character pieces in scripts without spaces, that appeared before; the first "
        "ten words or thirty pieces are free."
    ),
    "quality.template": "Whether it looks like text that a program filled in.",
    "safety": "What lists of words and phrases found; a label, not a judgement of what was meant.",
    "safety.label": "The gravest kind found; `none` where nothing was, `unknown` in languages without a list.",
    "safety.score": "Confidence times severity of the entry that was found, from 0 to 1; no classifier is involved.",
    "duplicate_count": "How many posts said the same or nearly the same, this one included.",
    "redactions": "What was replaced in the text, by place.",
    "redactions.kind": "What stood there: `mention`, `email` and so on.",
    "redactions.start": "First code point of the placeholder in the text.",
    "redactions.end": "The code point after it.",
    "consent": "The decision that the row rests on.",
    "consent.reference": "Stands for that decision, in this dataset only; site and author can show which it is.",
    "consent.notice": "Purpose and version of the words that the author agreed to.",
    "messages": "The posts of the thread, in order of time.",
    "messages.role": "Always `user`: nobody in a thread is an assistant.",
    "messages.name": "Pseudonym of who wrote the message.",
    "messages.content": "What the person wrote, after the steps below.",
    "messages.id": "Name of the post; its row in the configuration `posts`, where the snapshot has that one, too.",
    "messages.reply_to": "Index in `messages` of the one that this answers; null for the first.",
    "languages": "Languages of the messages.",
    "authors": "How many people take part.",
}


def columns(schema: pa.Schema) -> Iterator[tuple[str, str, str]]:
    """Yield path, type and meaning of each column, with nested fields after it."""
    for field in schema:
        yield from _columns(field, "")


def _columns(field: pa.Field, prefix: str) -> Iterator[tuple[str, str, str]]:
    path = f"{prefix}{field.name}"
    yield path, type_name(field, is_part=bool(prefix)), meaning(path)
    inner = list_item_type(field.type)
    if pa.types.is_struct(inner):
        for part in inner:
            yield from _columns(part, f"{path}.")


def meaning(path: str) -> str:
    """Return a column's meaning; message fields default to those of a post."""
    return MEANINGS.get(path) or MEANINGS.get(path.removeprefix("messages."), "")


def list_item_type(type: pa.DataType) -> pa.DataType:
    """Return the type of a list's members, and other types unchanged."""
    return type.value_type if pa.types.is_list(type) or pa.types.is_large_list(type) else type


def type_name(field: pa.Field, is_part: bool) -> str:
    """Return a type's name; nullability of nested fields is not repeated."""
    inner = list_item_type(field.type)
    name = "struct" if pa.types.is_struct(inner) else feature_type(inner)
    if inner is not field.type:
        return f"list of {name}"
    return f"{name}, may be null" if field.nullable and not is_part else name


def features(schema: pa.Schema) -> list[dict[str, Any]]:
    """Return the columns as `dataset_info.features` of a dataset card."""
    return [_feature(field) for field in schema]


def _feature(field: pa.Field) -> dict[str, Any]:
    inner = list_item_type(field.type)
    parts = [_feature(part) for part in inner] if pa.types.is_struct(inner) else None
    if inner is not field.type:
        return {"name": field.name, "list": parts or feature_type(inner)}
    return (
        {"name": field.name, "struct": parts}
        if parts
        else {"name": field.name, "dtype": feature_type(inner)}
    )


def feature_type(type: pa.DataType) -> str:
    """Return a type's name in the `datasets` library."""
    if pa.types.is_floating(type):
        return f"float{type.bit_width}"
    return str(type)
