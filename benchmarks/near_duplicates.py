"""How many near duplicates of short posts are found, and how many of those found are.

Each post of 8 to 60 words is changed in one of the ways in which copies differ, or in one that makes it another post;
then all of them go through the search at once. Real posts where their folder is beside the checkout, else made-up ones.
The change tells what is right; of pairs that were there before, whether they have half of their words in common does.
"""

import gzip
import json
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from itertools import cycle, islice, product
from pathlib import Path
from random import Random
from typing import NamedTuple

import regex

from benchmarks.figures import Figure
from benchmarks.place import say
from benchmarks.texts import posts
from dataset_export.pipeline.dedup.minhash import comparison_tokens, dedup
from dataset_export.pipeline.dedup.minhash.comparison_tokens import units_a_word

REAL = Path(__file__).resolve().parents[2] / "shared" / "data" / "posts.jsonl.gz"
MADE_UP = 30_000
COPIES = 50_000
# Seconds of one core; and how much longer twice as many may take.
COPIES_TAKE, TWICE_AS_MANY_TAKE = 10.0, 3.0

# A word between spaces, without numbers and signs; where there are no spaces, as many letters as a word has.
UNSPACED = r"\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}"
WORD = regex.compile(
    rf"(?<!\S)(?!(?:rt|url|https?)\b)[\p{{L}}--[{UNSPACED}]][[\p{{L}}\p{{M}}]--[{UNSPACED}]]*+(?!\S)"
    r"|[\p{Han}\p{Hiragana}\p{Katakana}]{2}|(?:[\p{L}&&\p{Thai}]\p{M}*+){4}",
    regex.IGNORECASE | regex.V1,
)
NUMBER = regex.compile(r"(?<![\w@#/.<&=-])\d+(?![\w>/;])")
ADDRESS = regex.compile(r"https?://\S+")
SIGNS = (("!", "."), (",", " "), (".", " !"), ("?", "?!"), ("…", "..."), ("-", "–"))
EMOJI = ("🎉", "😂😂", "🔥 ", "❤️", "👩‍🚀", "🙏🏽")
GREETINGS = (
    "happy birthday {} on this {}",
    "good morning {} have a {}",
    "{} i miss the {}",
    "see you {} on {}",
)
PEOPLE = (
    "mum",
    "dad",
    "sister",
    "everyone",
    "friends",
    "uncle",
    "boss",
    "team",
    "grandma",
    "neighbours",
)
DAYS = ("monday", "tuesday", "friday", "weekend", "morning", "evening", "summer", "holiday")


class Case(NamedTuple):
    """A changed post."""

    kind: str
    language: str
    original: int
    text: str


Post = tuple[str, str]
# Takes a text and words of its language; returns nothing where there is nothing to change.
Change = Callable[[Random, str, list[str]], str | None]


def measure(folder: Path) -> Iterator[Figure]:
    """Change posts in every way, search all of them, compare what was found with what was done."""
    real = REAL.exists()
    everything = real_posts() if real else made_up_posts()
    say(f"{len(everything):,} {'real' if real else 'made-up'} posts")
    yield from found_and_right(everything)
    yield from copies([text for text, _ in everything])


def real_posts() -> list[Post]:
    with gzip.open(REAL, "rt", encoding="utf-8") as lines:
        return [(post["text"], post["lang"] or "") for post in map(json.loads, lines)]


def made_up_posts() -> list[Post]:
    """Return posts of which every fifth has a number."""
    made = islice(posts(Random(1), ["ana", "bo"]), MADE_UP)
    return [
        (text if at % 5 else f"{text} {at % 9}-{at % 7}", language)
        for at, (text, language) in enumerate(made)
    ]


def found_and_right(everything: list[Post]) -> Iterator[Figure]:
    without_reposts = dict(enumerate(text for text, _ in everything))
    cases = dict(enumerate(changed(Random(2), everything), len(without_reposts)))
    greetings = dict(enumerate(all_greetings(), len(without_reposts) + len(cases)))
    links = dedup(
        without_reposts | {number: case.text for number, case in cases.items()} | greetings
    )

    wanted, found = counted(cases, links)
    there = [(later, earlier) for later, earlier in links.items() if later in without_reposts]
    strange = sum(
        not alike(without_reposts[later], without_reposts[earlier]) for later, earlier in there
    )
    greeted = sum(number in links for number in greetings)
    for name in sorted(wanted, key=lambda name: (": " in name, name not in SAME, name)):
        say(
            f"{name:<30} {found[name]:>6,} of {wanted[name]:>6,} linked {found[name] / wanted[name]:8.2%}"
        )
    say(
        f"linked as they were: {len(there):,}, with less than half of their words in common: {strange:,}"
    )
    say(f"short greetings linked: {greeted:,} of {len(greetings):,}")

    right = sum(found[kind] for kind in SAME)
    wrong = sum(found[kind] for kind in OTHER | SHORT) + strange + greeted
    yield Figure("near_duplicate_recall", right / sum(wanted[kind] for kind in SAME), "share", 0.95)
    yield Figure("near_duplicate_precision", right / (right + wrong), "share", 0.99)


def counted(cases: dict[int, Case], links: dict[int, int]) -> tuple[Counter[str], Counter[str]]:
    """Return how many cases there are and how many are linked, by kind and by language."""
    wanted, found = Counter[str](), Counter[str]()
    for number, case in cases.items():
        link = links.get(number)
        same = case.kind in SAME
        is_linked = link is not None and (same or link in (case.original, links.get(case.original)))
        for name in (case.kind, f"{'same' if same else 'other'}: {case.language or 'not told'}"):
            wanted[name] += 1
            found[name] += is_linked
    return wanted, found


def changed(random: Random, everything: list[Post]) -> Iterator[Case]:
    """Yield one change of each post, of equal ones the first."""
    vocabulary: dict[str, list[str]] = defaultdict(list)
    for text, language in everything:
        vocabulary[language] += WORD.findall(text)
    long, short = cycle((SAME | OTHER).items()), cycle(SHORT.items())
    seen = set()
    for number, (text, language) in enumerate(everything):
        words = comparison_tokens(text)
        length = len(words) // units_a_word(words)
        if words in seen or not (3 <= length <= 6 or 8 <= length <= 60):
            continue
        seen.add(words)
        kind, change = next(long if length >= 8 else short)
        made = change(random, text, vocabulary[language])
        if made is not None:
            yield Case(kind, language, number, made)


def with_other_words(count: int) -> Change:
    """Return a change that puts other words, with no letter of theirs in common, in the place of some."""

    def change(random: Random, text: str, vocabulary: list[str]) -> str | None:
        places = list(WORD.finditer(text))
        if len(places) < count:
            return None
        for place in sorted(random.sample(places, count), key=regex.Match.start, reverse=True):
            others = (
                word
                for word in random.choices(vocabulary, k=50)
                if not set(word) & set(place[0].lower())
            )
            text = text[: place.start()] + next(others, "xyz") + text[place.end() :]
        return text

    return change


def with_more_words_than_may(random: Random, text: str, vocabulary: list[str]) -> str | None:
    """Change two words, of twenty three, of forty four."""
    words = comparison_tokens(text)
    length = len(words) // units_a_word(words)
    return with_other_words(2 + (length >= 20) + (length >= 40))(random, text, vocabulary)


def with_word_more(random: Random, text: str, vocabulary: list[str]) -> str | None:
    place = chosen(random, WORD, text)
    word = random.choice(vocabulary)
    return (
        place
        and f"{text[: place.start()]}{word}{' ' if word.isascii() else ''}{text[place.start() :]}"
    )


def with_word_less(random: Random, text: str, vocabulary: list[str]) -> str | None:
    place = chosen(random, WORD, text)
    return place and text[: place.start()] + text[place.end() :]


def with_slip(random: Random, text: str, vocabulary: list[str]) -> str | None:
    """Leave out, double or swap letters in one word."""
    place = chosen(random, WORD, text)
    if not place or len(place[0]) < 2:
        return None
    at = random.randrange(place.start(), place.end() - 1)
    one, other = text[at : at + 2]
    return text[:at] + random.choice((one, one + one + other, other + one)) + text[at + 2 :]


def with_other_signs(random: Random, text: str, vocabulary: list[str]) -> str:
    """Change signs that are not in or beside a number, an address or a name."""
    for sign, other in SIGNS:
        text = regex.sub(rf"(?<=\p{{L}}){regex.escape(sign)}(?!\S)", other, text)
    return f"{text}!!"


def with_other_number(random: Random, text: str, vocabulary: list[str]) -> str | None:
    place = chosen(random, NUMBER, text)
    return (
        place
        and f"{text[: place.start()]}{int(place[0]) + random.randint(1, 9)}{text[place.end() :]}"
    )


def with_other_address(random: Random, text: str, vocabulary: list[str]) -> str:
    address = f"https://example.org/{random.getrandbits(32):x}"
    return ADDRESS.sub(address, text) if ADDRESS.search(text) else f"{text} {address}"


def with_emoji(random: Random, text: str, vocabulary: list[str]) -> str:
    at = random.choice([match.end() for match in regex.finditer(r"(?<!\S)(?=\s|$)|$", text)])
    return f"{text[:at]} {random.choice(EMOJI)} {text[at:]}"


def chosen(random: Random, pattern: regex.Pattern[str], text: str) -> regex.Match[str] | None:
    places = list(pattern.finditer(text))
    return random.choice(places) if places else None


SAME: dict[str, Change] = {
    "word in a word's place": with_other_words(1),
    "word more": with_word_more,
    "word less": with_word_less,
    "slip of the pen": with_slip,
    "case": lambda random, text, vocabulary: text.swapcase(),
    "signs": with_other_signs,
    "address": with_other_address,
    "emoji": with_emoji,
    "tags after the end": lambda random, text, vocabulary: (
        f"{text} #{random.choice(vocabulary)} #mood #x1"
    ),
    "head of a repost": lambda random, text, vocabulary: f"RT @ana_{random.randrange(99)}: {text}",
    "mention": lambda random, text, vocabulary: f"@ana_{random.randrange(99)}@example.org {text}",
}
OTHER: dict[str, Change] = {
    "other number": with_other_number,
    "more words than may": with_more_words_than_may,
}
SHORT: dict[str, Change] = {
    "short, another word": with_other_words(1),
    "short, another number": with_other_number,
}


def alike(text: str, other: str) -> bool:
    """Tell whether two posts have at least half of their words in common."""
    words, others = set(comparison_tokens(text)), set(comparison_tokens(other))
    return 2 * len(words & others) >= len(words | others)


def all_greetings() -> list[str]:
    """Return greetings of one author, each with a word of its own."""
    return [form.format(person, day) for form, person, day in product(GREETINGS, PEOPLE, DAYS)]


def copies(texts: list[str]) -> Iterator[Figure]:
    """Search copies of one post, a word of each changed, of a number and of twice as many."""
    original = next(
        text
        for text in texts
        if 20 <= len(comparison_tokens(text)) <= 24 and len(WORD.findall(text)) > 15
    )
    vocabulary = [word for text in texts[:2000] for word in WORD.findall(text) if word.isascii()]
    random = Random(3)
    varied = [with_other_words(1)(random, original, vocabulary) or "" for _ in range(COPIES)]
    few, many = (seconds_of(varied[:count]) for count in (COPIES // 2, COPIES))
    yield Figure("near_duplicate_copies", many, "s", COPIES_TAKE)
    yield Figure("near_duplicate_copies_twice", many / few, "times", TWICE_AS_MANY_TAKE)


def seconds_of(texts: list[str]) -> float:
    began = time.process_time()
    links = dedup(dict(enumerate(texts)))
    say(f"{len(links):,} of {len(texts):,} copies found in {time.process_time() - began:.1f} s")
    return time.process_time() - began
