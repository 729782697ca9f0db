"""Made-up posts with personal data, for when the labelled set is not beside the checkout.

Numbers are of ranges kept for fiction and documentation (555-01xx, 020 7946 0xxx, RFC 5737, RFC 3849, example.org) or
published as examples by card networks and standards. In an example, ⟦kind:…⟧ marks what is to be found.
"""

import re
from typing import NamedTuple

_MARK = re.compile("⟦([A-Z_]+):([^⟧]*)⟧")

_MARKED = (
    "Write to ⟦EMAIL_ADDRESS:jo.smith+news@example.org⟧ before noon.",
    "My address is ⟦EMAIL_ADDRESS:jo (at) example (dot) org⟧, if programs may not read it",
    "⟦EMAIL_ADDRESS:jo@example.org⟧ or ⟦EMAIL_ADDRESS:ana@mail.example.net⟧, whichever you like",
    "ring ⟦PHONE_NUMBER:+44 20 7946 0123⟧, not the shop",
    "they never answer at ⟦PHONE_NUMBER:202-555-0143⟧",
    "Phone: ⟦PHONE_NUMBER:555 0123⟧, fax ⟦PHONE_NUMBER:(202) 555-0144⟧",
    "Ruf mich an: ⟦PHONE_NUMBER:030 23125 123⟧",
    "who has found my card ⟦CREDIT_CARD:4111 1111 1111 1111⟧?",
    "card ⟦CREDIT_CARD:378282246310005⟧ was refused, ⟦CREDIT_CARD:5555555555554444⟧ too",
    "send it to ⟦IBAN_CODE:GB82 WEST 1234 5698 7654 32⟧ by Friday",
    "mein Konto ist ⟦IBAN_CODE:DE89370400440532013000⟧",
    "she read my number out aloud: ⟦US_SSN:219-09-9999⟧",
    "blocked ⟦IP_ADDRESS:192.0.2.77⟧ and ⟦IP_ADDRESS:2001:db8::8a2e:370:7334⟧ today",
    "it is at ⟦URL_WITH_KEY:https://jo:hunter2@example.org/notes⟧, be quick",
    "⟦PERSON:Jo Smith⟧ moved to ⟦STREET_ADDRESS:12 Elm Street⟧ with ⟦PERSON:Ana⟧",
    "We won 3-1 and 21-19, in front of 12,345 people, on 2024-05-18 at 19:30.",
    "Version 12.4.5.6 is out: https://example.org/releases/20240518?page=2",
    "born 18.05.1998, 1.234.567,89 € rich, 555555555 😂",
    "thanks @ana@social.example, see you at noon. Order #202555014",
    "call me when it's 2019-2020 again",
)


class Span(NamedTuple):
    """A labelled stretch of a text."""

    label: str
    start: int
    end: int


class Example(NamedTuple):
    """A text and what is to be found in it."""

    text: str
    spans: list[Span]


def made_up() -> list[Example]:
    """Return the examples, with the marks taken out."""
    return [_read(marked) for marked in _MARKED]


def _read(marked: str) -> Example:
    text, spans, done = "", [], 0
    for mark in _MARK.finditer(marked):
        text += marked[done : mark.start()]
        spans.append(Span(mark[1], len(text), len(text) + len(mark[2])))
        text += mark[2]
        done = mark.end()
    return Example(text + marked[done:], spans)
