"""Posts to measure with, the same for each run.

Where the folder of real posts lies beside the checkout, they are drawn from it again and again, with other words put
in, so that any number of them can be had. Else they are made up: 3 to 60 words, short ones more often, several scripts,
mentions, copies; longer than real ones, some 150 characters in place of 85.
"""

import gzip
import json
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from random import Random

REAL = Path(__file__).resolve().parents[2] / "shared" / "data" / "posts.jsonl.gz"

# Syllables make words that vary as real ones do; the model that names languages has to work for each of them.
SCRIPTS = {
    language: syllables.split()
    for language, syllables in {
        "en": "the ing and tion er of to in re is com at on pro es an con de ly al ment ed ver",
        "de": "der sch ein ung ge ver lich keit be zu auf den mit ich en ten über ß ät ün",
        "es": "que de la ción es ar los en mien to ñ con por é qu ado ente ía ro",
        "tr": "lar bir ler ığ da ve yor mak şı için ğ ne ki dan üz çok ım",
        "ru": "то на ко но не при ст ов ени ть про ра го по ый ак ло ми",
        "ar": "ال من في ون ات ما لا عل ها ين كت ر ب م س ح ق",
        "th": "การ ที่ และ เป็น ความ ไม่ ได้ มี ใน คน วัน น้ำ ใจ บ้าน",
        "ja": "の に は を した です ます こと 日本 今日 人 本 花 山 雨 ない から",
        "hi": "के है में की और से को पर नहीं यह था हम दिन घर बात",
        "ko": "이 는 을 에서 하고 다 오늘 사람 책 그리고 날씨 의 니다",
    }.items()
}
LANGUAGES = list(SCRIPTS)
SHARES = [55, 8, 8, 5, 5, 4, 4, 5, 3, 3]
UNSPACED = {"th", "ja"}
TAGGED = 0.7
COPIES = 0.02
# Of the words of a real post, so many are another's.
CHANGED = 0.35
MENTIONS = 0.25
ADDRESSES = 0.15
# What people's programs leave behind: each has to be repaired on the way into a dataset.
LOOSE_ENDS = ("&amp;", " \u200b", "  ", "\u00ad", "…", "\n\n", " 🎉", " 👩‍🚀", " Ã©")
LOOSE = 0.05

Post = tuple[str, str]


def posts(random: Random, names: list[str]) -> Iterator[Post]:
    """Yield text and language tag for ever, of real posts if they can be had."""
    return with_copies(random, names, resampled if REAL.exists() else new_post)


def with_copies(
    random: Random, names: list[str], make: Callable[[Random, list[str]], Post]
) -> Iterator[Post]:
    """Yield posts for ever; some texts come again later, as copies do."""
    said: list[Post] = []
    while True:
        if said and random.random() < COPIES:
            yield said[random.randrange(len(said))]
            continue
        post = make(random, names)
        said.append(post)
        yield post


def resampled(random: Random, names: list[str]) -> Post:
    """Return a real post with some of its words from another of its language, or the first half of one and a half."""
    language = random.choices(list(real_posts()), [len(texts) for texts in real_posts().values()])[
        0
    ]
    first, second = (random.choice(real_posts()[language]) for _ in range(2))
    if language in UNSPACED or language == "zh":
        return first[: len(first) * 2 // 3 + 1] + second[len(second) * 2 // 3 :], language
    words, others = first.split(), second.split() or [""]
    kept = [random.choice(others) if random.random() < CHANGED else word for word in words]
    return " ".join(kept) or first, language if random.random() < TAGGED else ""


@cache
def real_posts() -> dict[str, list[str]]:
    """Return the texts by language; of those without one the language is nothing."""
    texts: dict[str, list[str]] = {}
    with gzip.open(REAL, "rt") as lines:
        for post in map(json.loads, lines):
            texts.setdefault(post["lang"] or "", []).append(post["text"])
    return texts


def new_post(random: Random, names: list[str]) -> Post:
    language = random.choices(LANGUAGES, SHARES)[0]
    words = [word(random, SCRIPTS[language]) for _ in range(round(random.triangular(3, 60, 10)))]
    text = ("" if language in UNSPACED else " ").join(words)
    if random.random() < MENTIONS:
        text = f"@{random.choice(names)} {text}"
    if random.random() < ADDRESSES:
        text = f"{text} https://example.org/{random.getrandbits(32):x}?of={random.randrange(99)}"
    if random.random() < LOOSE:
        cut = random.randrange(len(text))
        text = text[:cut] + random.choice(LOOSE_ENDS) + text[cut:]
    return text.strip(), language if random.random() < TAGGED else ""


def word(random: Random, syllables: list[str]) -> str:
    return "".join(random.choices(syllables, k=random.randint(1, 3)))
