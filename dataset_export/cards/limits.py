"""Limitations of the data, stated wherever it is described."""

from typing import Final

KNOWN_LIMITS: Final = (
    "People's names in running text are not removed. Only what has a form (addresses, numbers, @names) can be found by "
    "the steps of a recipe, and never all of that.",
    "A safety label is about words, not about what was meant: it is wrong about irony, quotation and reclaimed words.",
    "`und` stands for every language that could not be told, and short posts are often among them.",
    "Who says yes to training differs from who does not. The data speaks for its authors, not for a population.",
    "An author's own statement is all that says a post was written by a person.",
    "A post is the text of the moment of the snapshot; later edits are in later revisions.",
)
