"""The words on the screen when somebody decides. To change them is to add a version, never to edit one."""

import hashlib
from dataclasses import dataclass

from consent.models import Notice
from consent.purposes import Purpose

LANGUAGE = "en"


@dataclass(frozen=True, slots=True)
class Words:
    version: int
    summary: str
    text: str


WORDS: dict[str, Words] = {
    Purpose.PRETRAINING: Words(
        1,
        "Models learn from your posts how people write.",
        "Your public posts may be put into data sets from which AI models learn language in general. "
        "Only people whom this site has approved may download them. Your name is replaced by a code, and so are "
        "the names of people you mention. You can say no at any time: from that moment the posts are not "
        "given out any more. A model that has already learned from them cannot be made to forget.",
    ),
    Purpose.FINE_TUNING: Words(
        1,
        "Models learn from your posts how to do a certain task, such as answering.",
        "Your public posts may be put into data sets that shape how an AI model answers or writes. "
        "A model may pick up your way of putting things. Only people whom this site has approved may download them, "
        "with names replaced by codes. You can say no at any time: from that moment the posts are not given out "
        "any more. A model that has already learned from them cannot be made to forget.",
    ),
    Purpose.EVALUATION: Words(
        1,
        "Your posts test how well models understand people. Models do not learn from them.",
        "Your public posts may be put into data sets with which the makers of AI models test them. The terms forbid "
        "training on these. Only people whom this site has approved may download them, with names replaced by codes. "
        "You can say no at any time: from that moment the posts are not given out any more.",
    ),
    Purpose.OPEN_RELEASE: Words(
        1,
        "Your posts may be published in data sets that anyone can download.",
        "Your public posts may be put into data sets that are published for everyone, with names replaced by codes. "
        "This is the widest choice: copies spread, and nobody can call all of them back. You can say no at any time: "
        "from that moment this site does not give the posts out any more, and says so to those who fetched them here.",
    ),
}


def current_notice(purpose: str, language: str = LANGUAGE) -> Notice:
    """Return the notice in force for a purpose; the first use of a new version publishes it."""
    words = WORDS[purpose]
    notice, _ = Notice.objects.get_or_create(
        purpose=purpose,
        version=words.version,
        language=language,
        defaults={"text": words.text, "text_sha256": hashlib.sha256(words.text.encode()).digest()},
    )
    return notice
