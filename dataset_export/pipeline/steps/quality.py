"""Measure what makes a short post useless to learn from, and leave out what is clearly that."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar, Final

from dataset_export.pipeline.links import has_link, replace_links
from dataset_export.pipeline.records import Dropped, Quality, Record

# Why a post is dropped, by the signal that is over its limit; asked in this order.
QUALITY_REASONS: Final[Mapping[str, str]] = {
    "template": "template",
    "url_share": "too_many_urls",
    "hashtag_share": "too_many_hashtags",
    "mention_share": "too_many_mentions",
    "symbol_share": "symbol_noise",
    "repetition": "repetitive",
    "uppercase_share": "shouting",
}

# Rules for web pages ask for length, stop words and sentence marks; a post needs none of them. What these limits drop
# is what hardly has a word of its own. Capitals have no limit: those who shout write sentences, too.
DEFAULT_LIMITS: Final[dict[str, float | bool]] = {
    "url_share": 0.7,
    "hashtag_share": 0.75,
    "mention_share": 0.9,
    "symbol_share": 0.6,
    "repetition": 0.6,
    "template": False,
}

# Steps of 1/256 are exact in 32 bits: Parquet, JSON and the hash of the row see the same number.
_STEPS = 256

# What everyone does a little of: a row of hearts, ten times "ha", "OMG WHAT A DAY".
_FREE_SYMBOLS = 10
_FREE_WORDS = 10
_FREE_TRIGRAMS = 30
_MIN_CASED_LETTERS = 30
_FIRST_WORDS = 100
_FIRST_CHARACTERS = 400

# Apps are brief; and patterns that skip words twice take the square of what they read.
_TEMPLATE_READS = 400

# Longer "words" on average are none: a script without spaces, or one key held down.
_MAX_MEAN_WORD_LENGTH = 12


@dataclass(frozen=True, slots=True)
class ShortPostQuality:
    """Set the signals of quality; drop a post when one of them is over its limit.

    A signal without a limit is only measured. The limit of `template` is false: templates are dropped.
    """

    limits: Mapping[str, float]
    name: ClassVar[str] = "quality"
    _checks: tuple[tuple[int, float, str], ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        places = {signal: place for place, signal in enumerate(Quality._fields)}
        checks = (
            (places[name], self.limits[name], reason)
            for name, reason in QUALITY_REASONS.items()
            if name in self.limits
        )
        object.__setattr__(self, "_checks", tuple(checks))

    def __call__(self, record: Record) -> Record | Dropped:
        quality = measure(record.text)
        for place, limit, reason in self._checks:
            if quality[place] > limit:
                return Dropped(reason)
        return record.with_quality(quality)


def check_limits(value: object) -> str | None:
    """Return what is wrong with the limits of a recipe, or None."""
    if not isinstance(value, dict):
        return "must be an object"
    for signal, limit in value.items():
        if signal not in QUALITY_REASONS:
            return f"may hold {', '.join(QUALITY_REASONS)} only"
        if signal == "template":
            if not isinstance(limit, bool):
                return "template must be true or false"
        elif isinstance(limit, bool) or not isinstance(limit, int | float) or not 0 <= limit <= 1:
            return f"{signal} must be a number between 0 and 1"
    return None


def measure(text: str) -> Quality:
    """Return the signals of a text.

    Links, hashtags and mentions are counted as shares of its tokens: what stands between spaces, or one character of a
    script without spaces. Symbols, emoji among them, are a share of its visible characters, capitals of its cased
    letters; repetition is the share of words that have stood there before, or of trigrams where the text has no words.
    The first ten symbols and repeated words and thirty trigrams are free; below thirty cased letters nobody shouts.
    """
    body, urls, hashtags, mentions = _split(text)
    words = body.split()
    visible = len("".join(words))
    symbols, upper, cased, unspaced = _count(body)
    tokens = urls + hashtags + mentions + len(words) + unspaced
    # Most posts have next to none of these: a call saved for each.
    return Quality(
        _share(urls, tokens) if urls else 0.0,
        _share(hashtags, tokens) if hashtags else 0.0,
        _share(mentions, tokens) if mentions else 0.0,
        _share(symbols - _FREE_SYMBOLS, visible) if symbols > _FREE_SYMBOLS else 0.0,
        _share(upper, cased) if cased >= _MIN_CASED_LETTERS else 0.0,
        _repetition(words, visible),
        _is_template(text),
    )


def _share(part: int, whole: int) -> float:
    return round(min(1.0, part / whole) * _STEPS) / _STEPS if part > 0 else 0.0


def _split(text: str) -> tuple[str, int, int, int]:
    """Return the text without links, hashtags and mentions, and how many of each it has.

    "RT @x:" in front counts as nothing: what is reposted is judged by itself.
    """
    urls = hashtags = mentions = 0
    if text.startswith("RT @"):
        text = _REPOSTED.sub("", text, 1)
    if has_link(text):
        text, urls = replace_links(text)
    if "#" in text or "＃" in text:
        text, hashtags = _HASHTAG.subn(" ", text)
    if "@" in text:
        text, mentions = _MENTION.subn(" ", text)
    return text, urls, hashtags, mentions


def _count(body: str) -> tuple[int, int, int, int]:
    """Return how many symbols, capitals and cased letters there are, and by how many tokens whitespace misleads."""
    content = body.encode("latin-1", "ignore")
    # Deleting is the fastest way to count.
    size = len(content)
    symbols = size - len(content.translate(None, _SYMBOLS))
    upper = size - len(content.translate(None, _UPPER))
    cased = upper + size - len(content.translate(None, _LOWER))
    if size == len(body):
        return symbols, upper, cased, 0
    unspaced = _UNSPACED.findall(body)
    letters = "".join(_CASED.findall(body))
    return (
        symbols + sum(map(len, _SYMBOL.findall(body))),
        upper + sum(map(str.isupper, letters)),
        cased + len(letters),
        sum(map(len, unspaced)) - len(unspaced),
    )


def _repetition(words: list[str], visible: int) -> float:
    """Look at the beginning only: the longer a text, the more of its words have stood there already."""
    if visible <= _MAX_MEAN_WORD_LENGTH * len(words):
        first = words[:_FIRST_WORDS]
        repeated = len(first) - len(set(first)) - _FREE_WORDS
        return _share(repeated, len(first)) if repeated > 0 else 0.0
    if visible <= _FREE_TRIGRAMS:
        return 0.0
    joined = "".join(words)[:_FIRST_CHARACTERS]
    trigrams = len(set(zip(joined, joined[1:], joined[2:], strict=False)))
    return _share(len(joined) - 2 - trigrams - _FREE_TRIGRAMS, len(joined))


def _is_template(text: str) -> bool:
    return (
        _BEGINNING.match(text, 0, _TEMPLATE_READS) is not None
        or ("followe" in text and _FOLLOWERS.search(text, 0, _TEMPLATE_READS) is not None)
        or ("More for " in text and _HOROSCOPE.search(text, 0, _TEMPLATE_READS) is not None)
        or ("Wind" in text and _WEATHER.search(text, 0, _TEMPLATE_READS) is not None)
    )


# Marks of scripts whose words `\w` would cut: combining, Indic, Thai and Lao, Myanmar, Khmer.
_MARKS = "\u0300-\u036f\u0900-\u0dff\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff"
_HASHTAG = re.compile(rf"[#＃][^\W_][\w{_MARKS}]*")
_REPOSTED = re.compile(r"(?:RT @\w+:?\s*)+")
_MENTION = re.compile(r"@(?<!\w@)[A-Za-z0-9_]+")

# Placeholders such as <email> count for two symbols, which the free ones are many enough for.
_SYMBOLS = "*+<=>^_`|~\\{}[]$¢£¤¥¦§¨©¬®¯°±´¸×÷".encode("latin-1")
_UPPER = bytes(code for code in range(256) if chr(code).isupper())
_LOWER = bytes(code for code in range(256) if chr(code).islower())
# What Latin-1 has not. Symbols by block: currency, letterlike, arrows to dingbats, enclosed CJK, private use, what
# could not be decoded, music, emoji. Cased: Latin, Greek, Cyrillic, Armenian. Unspaced: Thai, Lao, Myanmar, Khmer,
# Kana, Han.
_SYMBOL = re.compile(
    "[\u02c2-\u02df\u20a0-\u20cf\u2100-\u214f\u2190-\u2bff\u3200-\u33ff\ue000-\uf8ff\ufffc\ufffd"
    "\U0001d100-\U0001d1ff\U0001f000-\U0001faff\U000f0000-\U0010ffff]+"
)
_CASED = re.compile("[\u0100-\u024f\u0370-\u0587\u1e00-\u1fff]+")
_UNSPACED = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\U00020000-\U0003ffff]+"
)

# Posts that an app writes when somebody presses "share". Each asks for a second mark of the app, a link most often, as
# people begin their sentences with the same words.
_LINK = r"https?://\S"
_SIGN = (
    r"(?:Aries|Taurus|Gemini|Cancer|Leo|Virgo|Libra|Scorpio|Sagittarius|Capricorn|Aquarius|Pisces)"
)
_BEGINNING = re.compile(
    rf"""
      I['’]m\ at\ .{{1,70}}(?:\ in\ [A-Z@]|\().*{_LINK}\S*\Z                        # check-ins
    | (?:I['’]m|I\ am)\ earning\ \#\w+\ in\ .*{_LINK}
    | I\ just\ checked\ in\b.*(?:with\ [#@]|{_LINK})
    | 我在(?:这里|這裡)?[:：]\ ?{_LINK}
    | (?:Just\ posted\ a|Acabo\ de\ publicar\ una?|Acabou\ de\ publicar\ uma?      # photos posted elsewhere
       |(?:Vient|Je\ viens)\ de\ publier\ une|Ho\ appena\ pubblicato\ una?)
      \ (?:photo|video|foto|vídeo|vidéo)\b.*{_LINK}
    | Gerade\ ein\ (?:Foto|Video)\ (?:gepostet|veröffentlicht).*{_LINK}
    | I\ posted\ (?:an?\ new|\d+(?:\ new)?)\ (?:photo|video)s?\ (?:to|on|in)\ .*{_LINK}
    | (?:I\ (?:liked|added|uploaded)\ a|Me\ (?:gustó|ha\ gustado)\ un|Gostei\ de\ um|Adicionei\ um   # videos
       |J['’](?:aime|ai\ ajouté)\ une|Mi\ piace\ un|Ich\ mag\ (?:ein|das))
      \ (?:@\w+[ ]?)?(?:-?Video|video|vídeo|vidéo)\b.*{_LINK}
    | I(?:['’]ve|\ have)?\ (?:just\ )?(?:earned|unlocked|collected|harvested|received|completed|gathered)\ .*    # games
      \b(?:badge|achievement|trophy|quest|gold\ coins|food|level\ \d+)\b.*(?:{_LINK}|\#\w+)
    | Found\ a\ Transponder\ Snail!
    | Wordle\ [\d.,]+\ [1-6X]/6
    | It['’]s\ my\ \#Twitterversary
    | My\ week\ on\ Twitter\b.*\d
    | (?:My|Our)\ (?:[Tt]op|\#?[Tt]op)\ ?\d+\ (?:\#?\w+\ )?artists\b.*\(\d+\)
    | The\ latest\ .{{3,70}}!\ (?:{_LINK}|Thanks\ to\ @)                           # "newspapers" of links
    | \#?[Nn]ow\ ?[Pp]laying\b.*(?:{_LINK}|\b[Rr]adio\b|\b[Ll]isten\b)             # tickers
    | (?:I\ just\ )?(?:[Cc]ompleted|[Ff]inished|[Rr]an|[Ww]alked|[Cc]ycled)\ (?:an?\ )?\d+[.,]\d+\ ?(?:km|mi|miles)\b
      .*(?:{_LINK}|\#\w+)
    | Just\ (?:completed|finished|posted)\ an?\ \d+[.,]\d+\ ?(?:km|mi)\b
    | I\ just\ (?:entered\ .*(?:[Gg]iveaway|[Ss]weepstakes|\bto\ win\b)|backed\ .*\ on\ ).*{_LINK}
    | I\ voted\ for\ .*\bVote\ (?:here|now|for\ your)\b.*{_LINK}
    | I\ (?:got|scored|took)\ .*(?:\b(?:Which|What)\ .*\ [Aa]re\ [Yy]ou\?|\b[Qq]uiz\b).*{_LINK}
    | モイ！.*キャス配信中
    """,
    re.VERBOSE,
)
_FOLLOWERS = re.compile(
    rf"(?:one person|\d (?:people|person)) (?:un)?followed me\b.*(?:automatic|{_LINK})"
    r"|\b[Ss]tats\b.{0,40}\b(?:no|NO|one|\d+) (?:new )?(?:un)?followers?\b"
)
_HOROSCOPE = re.compile(rf"(?:\.\.\.|…) More for {_SIGN}\b")
_WEATHER = re.compile(
    r"\bWind:? [^\n]{0,40}\b(?:km/h|mph|kts?|m/s)\b[^\n]*(?:\bhPa\b|\bmb\b|\binHg\b|\d ?%)"
)
