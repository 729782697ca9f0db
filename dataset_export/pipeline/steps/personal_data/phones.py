"""Find telephone numbers: international ones, those in a country's own way of writing, and what words say is one."""

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import product

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumber, PhoneNumberFormat, PhoneNumberType

from dataset_export.pipeline.steps.personal_data.matches import PiiMatch

# Where people who write in a language have their telephone, as far as that is nearly certain or a mistake costs
# little: a number has to be valid there, and written the way it is written there.
_REGIONS = {
    language: tuple(regions.split("/"))
    for language, _, regions in (
        pair.partition(":")
        for pair in [
            "en:US/GB",
            "de:DE/AT/CH",
            "fr:FR",
            "es:ES/MX",
            "it:IT",
            "nl:NL",
            "pt:BR/PT",
            "pl:PL",
            "sv:SE",
            "da:DK",
            "no:NO",
            "nb:NO",
            "fi:FI",
            "cs:CZ",
            "sk:SK",
            "hu:HU",
            "ro:RO",
            "el:GR",
            "tr:TR",
            "ru:RU",
            "uk:UA",
            "he:IL",
            "th:TH",
            "vi:VN",
            "id:ID",
            "ms:MY",
            "ja:JP",
            "ko:KR",
            "zh:CN",
            "hi:IN",
            "bn:BD",
            "ar:SA/EG",
            "fa:IR",
            "am:ET",
            "sw:KE/TZ",
            "rw:RW",
            "ha:NG",
            "yo:NG",
            "ig:NG",
            "pcm:NG",
            "tw:GH",
        ]
    )
}

_LENGTHS = range(7, 16)
_RUN = re.compile(
    r"(?<![0-9A-Za-z_\u00aa-\u024f@#$€£¥₹=<+])(?<!\d[.,:-])(?<! -)(?<!\S/)"
    r"(?P<run>(?:[+(]{1,2} ?)?\d(?:[ .\-/()]{0,2}+\d){6,90}+)"
)
# Right behind another number and a comma, where the look behind would see a decimal.
_NEXT_RUN = re.compile(r"(?P<run>\+?\d(?:[ .\-/()]{0,2}+\d){6,90}+)")
# What stands between the numbers of a list.
_BETWEEN = re.compile(
    r"""[\s,;:/|&+•·-]{0,6}
    (?: (?: or|and|oder|und|ou|et|o|e|y|u|i|of|en|ve|veya|ya\ da|или|и|または|或|和|أو )[\s,;:/|&+•·-]{1,4} )?""",
    re.IGNORECASE | re.VERBOSE,
)
# How much longer or shorter the next number of a list may be.
_LENGTHS_APART = 2
# What comes after a number that counts something, or goes on.
_GOES_ON = re.compile(
    r"[A-Za-z_\u00c0-\u024f]{3}|\d|[.,:]\d(?![ .\-/()]{0,2}\d(?:[ .\-/()]{0,2}\d){5})"
    r"| ?[%€$£°]| ?(?:km|kg|mm|cm|dollars?|euros?|usd|eur)\b"
)
_EXTENSION = re.compile(
    r" ?(?:x|ext(?:\.|ension)?|poste|durchwahl|доб\.?) ?\d{1,6}(?!\w)|#\d{1,5}(?!\w)", re.IGNORECASE
)
# How many groups at an end of a run may belong to something else.
_DROPPED = 3
_APART = " (/"
_AFTER_ONE = (",", ";", ":", "|", "/")
_GROUP = re.compile(r"\d+")

_DATE = re.compile(
    r"""(?<!\d)(?: (?:19|20)\d\d (?P<a>[-./ ]) (?:0?[1-9]|1[0-2]) (?P=a) (?:0?[1-9]|[12]\d|3[01])
      | (?:0?[1-9]|[12]\d|3[01]) (?P<b>[-./]\ ?) (?:0?[1-9]|1[0-2]) (?P=b) (?:\d\d|[12]\d{3})
      | (?:0?[1-9]|1[0-2]) (?P<c>[-./]) (?:0?[1-9]|[12]\d|3[01]) (?P=c) (?:\d\d|[12]\d{3})
      | (?:1[5-9]|20)\d\d \ ?[-/]\ ? (?:1[5-9]|20)\d\d
      ) (?! \d | [-./]\d )""",
    re.VERBOSE,
)
_MILLIONS = re.compile(r"[1-9](?: \d{3}){2,}")
_THOUSANDS = re.compile(r"[1-9]\d{0,2}(?:([. ])\d{3})(?:\1\d{3})+")
_NANP = re.compile(r"(?:\+?1[ .-]?)?(?:\(\d{3}\) ?|\d{3}[.-])\d{3}[.-]\d{4}")

# The nearest word before a number says what it is; "<phone>" says nothing, as it stands for another number.
_WORD_BEFORE = re.compile(
    r"""(?P<other> \b(?:
          order | invoice | isbn | issn | serial | tracking | account | acct | konto(?:nummer)? | licen[cs]e | case
        | ref(?:erence)? | ticket | item | article | model | version | card | cc | iban | ssn | passport | vin | bid
        | lot | patent | route | flight | zip | id | code | score | worth | price | cost | about | over | nearly
        | almost | has | have | had | grew
        )\b (?=.{0,16}\Z) | [\#№]\ ?\Z | \bcall\ of\b )
      | (?P<phone> (?<![\w<]) (?:
          (?:tele)?phones? | tel | tél | tele(?:f|ph)oon | t[eé]l[eéè](?:f|ph)on[eo]?(?:nummer|i|u|em)?
        | cell(?:phone|ulare)? | celular | mobile? | mob | m[óo]vil | handy(?:nummer)? | rufnummer | gsm | portable
        | fax | desk | office
        | landline | hotline | helpline | what?s{1,2}\ ?app?s? | viber | sms | text | texting | messages? | msg
        | imessage
        | facetime | call(?:ing|s|ed)? | cal | dial | ring | reach(?:ed)?\ (?:\w+\ )?(?:at|on|via|under)
        | contact(?:os?|ar|ez)? | contato | answering | rsvp | pager
        | voicemail | llama(?:r|d|me)? | llámame | appel(?:ez|er|le) | ligue | chiama(?:re|mi)? | anruf(?:en)?
        | zadzwoń | dzwoń | namba | simu | piga | hubungi | telp | hp | nomor | registered | number\ (?:to\ call|for)
        | (?:my|his|her|our|your|their|this|on)\ (?:new\ |old\ |cell\ |phone\ |registered\ ){0,2}number
        ) (?!\w)
      | [☎📞📱📲📠] | โทร | ติดต่อ | 电话 | 電話 | 手机(?!用户) | 手機 | 热线 | 熱線 | 전화 | 연락 | للتواصل | اتصل | هاتف
      | جوال | واتس | тел | звон | номер | फोन | नंबर | मोबाइल | τηλ )""",
    re.IGNORECASE | re.VERBOSE,
)
_WORD_AFTER = re.compile(
    r"[ ,\\-]{0,3}\(?(?:office|fax|mobile|cell|home|work|desk|phone|tel|landline|whatsapp|voicemail)\b",
    re.IGNORECASE,
)
_REACH = 40


def phones(text: str, language: str, region: str) -> Iterator[PiiMatch]:
    """Yield telephone numbers; a number in a country's own format counts where the author's region or language fits."""
    regions = (region,) if region else _REGIONS.get(language, ())
    last, digits, at = -1, 0, 0
    while run := _next_run(text, at, last):
        at = run.end()
        if _DATE.fullmatch(run["run"]) or _MILLIONS.fullmatch(run["run"]):
            continue
        in_list = last >= 0 and _BETWEEN.fullmatch(text, last, run.start()) is not None
        for found in _phones_in(run, regions, digits if in_list else 0):
            yield found
            last, digits = found.end, _count_digits(text[found.start : found.end])
            at = max(at, last)


def _next_run(text: str, at: int, last: int) -> re.Match[str] | None:
    """Return the next run of digits; right behind a number, one that only a sign parts from it."""
    if at == last:
        start = at + (text[at : at + 1] in _AFTER_ONE)
        if next_to_it := _NEXT_RUN.match(text, start):
            return next_to_it
    return _RUN.search(text, at)


def _phones_in(run: re.Match[str], regions: tuple[str, ...], listed: int) -> list[PiiMatch]:
    """Return the numbers of a run; `listed` is how many digits the number has that it follows in a list, or 0."""
    text = run.string
    extension = _EXTENSION.match(text, run.end())
    last = extension.end() if extension else run.end()
    meant = _is_meant(text, run.start(), last)
    if meant is False:
        return []
    if meant is None and listed and abs(_count_digits(run["run"]) - listed) <= _LENGTHS_APART:
        meant = True
    goes_on = extension is None and _GOES_ON.match(text, last) is not None
    for number, (start, end) in enumerate(_readings(run)):
        whole = end == run.end()
        if not (whole and goes_on) and _is_phone(text[start:end], bool(meant), regions):
            return [
                *_rest(text, run.start(), start, bool(meant), regions),
                PiiMatch("phone", start, last if whole else end),
                *_rest(text, end, run.end(), bool(meant), regions),
            ]
        # The whole comes first, then several numbers that make it up, and then what is left without its ends.
        if number == 0 and not goes_on and (parts := _divide(run, bool(meant), regions)):
            return [PiiMatch("phone", *part) for part in parts[:-1]] + [
                PiiMatch("phone", parts[-1][0], last)
            ]
    return []


def _rest(text: str, start: int, end: int, meant: bool, regions: tuple[str, ...]) -> list[PiiMatch]:
    """Return further numbers in what is left of a run beside one."""
    if _count_digits(text[start:end]) < min(_LENGTHS) or not (run := _RUN.search(text, start, end)):
        return []
    groups = [group.span() for group in _GROUP.finditer(text, run.start(), run.end())]
    return [
        PiiMatch("phone", *span)
        for span in _divided(text, run.start(), groups, meant, regions) or ()
    ]


def _divide(run: re.Match[str], meant: bool, regions: tuple[str, ...]) -> list[tuple[int, int]]:
    """Return the numbers that a run is made of, where it is made of two or more and nothing else."""
    if _count_digits(run["run"]) < 2 * min(_LENGTHS):
        return []
    groups = [group.span() for group in _GROUP.finditer(run.string, run.start(), run.end())]
    return _divided(run.string, run.start(), groups, meant, regions) or []


def _divided(
    text: str, begin: int, groups: list[tuple[int, int]], meant: bool, regions: tuple[str, ...]
) -> list[tuple[int, int]] | None:
    """Return how groups of digits divide into numbers, the longest first, or None where something is left over.

    Each number has as many digits as the one before, or nearly: what counts is a list, not a table of figures.
    """
    ways: list[list[tuple[int, int]] | None] = [None] * len(groups) + [[]]
    for first in reversed(range(len(groups))):
        start = begin if first == 0 else _opened(text, groups[first - 1][1], groups[first][0])
        digits = 0
        for after in range(first + 1, len(groups) + 1):
            end = groups[after - 1][1]
            digits += end - groups[after - 1][0]
            if digits > max(_LENGTHS):
                break
            rest = ways[after]
            if rest is None or (after < len(groups) and text[end] not in _APART):
                continue
            alike = (
                not rest
                or abs(_count_digits(text[rest[0][0] : rest[0][1]]) - digits) <= _LENGTHS_APART
            )
            if alike and digits >= min(_LENGTHS) and _is_phone(text[start:end], meant, regions):
                ways[first] = [(start, end), *rest]
    return ways[0]


def _count_digits(text: str) -> int:
    return sum(map(str.isdigit, text))


def _readings(run: re.Match[str]) -> Iterable[tuple[int, int]]:
    """Return the whole run first, then what is left of it without some groups at its ends that stand apart."""
    text, begin = run.string, run.start()
    if run[0].startswith("(") and ")" not in run[0]:
        begin += 1
    groups = [group.span() for group in _GROUP.finditer(text, begin, run.end())]
    starts, ends = [begin], [groups[-1][1]]
    for drop in range(1, min(_DROPPED + 1, len(groups))):
        if text[groups[drop - 1][1]] in _APART:
            starts.append(_opened(text, groups[drop - 1][1], groups[drop][0]))
        if text[groups[-1 - drop][1]] in _APART:
            ends.append(groups[-1 - drop][1])
    return product(starts, ends)


def _opened(text: str, least: int, start: int) -> int:
    """Return where a number begins whose first digit is at `start`, an opening parenthesis or plus included."""
    while start > least and text[start - 1] in "+(":
        start -= 1
    return start


def _is_phone(number: str, meant: bool, regions: tuple[str, ...]) -> bool:
    groups = _GROUP.findall(number)
    digits = "".join(groups)
    if len(digits) not in _LENGTHS or number.count("(") != number.count(")"):
        return False
    if _DATE.search(number) or ("." in number and _THOUSANDS.fullmatch(number)):
        return False
    if number.startswith(("+", "(+")) or digits.startswith("00"):
        return _is_international(digits, meant or len(groups) > 1)
    if meant:
        return _looks_like_phone(groups)
    if _NANP.fullmatch(number):
        return any(_is_valid(digits, region) for region in (*regions, "US"))
    return any(_is_local(groups, region) for region in regions) and not _THOUSANDS.fullmatch(number)


def _is_meant(text: str, start: int, end: int) -> bool | None:
    """Tell what the words around a number say: a telephone, something else, or nothing."""
    if _WORD_AFTER.match(text, end):
        return True
    said = list(_WORD_BEFORE.finditer(text, max(0, start - _REACH), start))
    return said[-1]["phone"] is not None if said else None


def _looks_like_phone(groups: list[str]) -> bool:
    """Tell a telephone number from a list of figures or somebody's laughter (5555555 in Thai)."""
    if len(groups) == 1:
        return len(set(groups[0])) > 1 and not groups[0].endswith("0000")
    if all(len(group) == 1 for group in groups):
        return len(groups) > 8
    return len(groups) <= 7 and any(len(group) > 1 for group in groups[-2:])


def _is_international(digits: str, likely: bool) -> bool:
    number = _parse(f"+{digits.removeprefix('00')}", None)
    if number is None:
        return False
    return phonenumbers.is_valid_number(number) or (
        likely and phonenumbers.is_possible_number(number)
    )


def _is_local(groups: list[str], region: str) -> bool:
    digits = "".join(groups)
    if len(digits) < 9 and len(groups) == 1:
        return False
    number = _parse(digits, region)
    if number is None or not phonenumbers.is_valid_number_for_region(number, region):
        return False
    return (
        digits[0] == "0" and len(digits) >= 9 and _is_grouped_sensibly(groups)
    ) or _is_written_as_there(groups, number)


def _is_grouped_sensibly(groups: list[str]) -> bool:
    return len(groups) <= 6 and all(len(group) > 1 for group in groups[1:])


def _is_written_as_there(groups: list[str], number: PhoneNumber) -> bool:
    """Tell whether the groups are those that the country's numbering plan has, or a mobile number in one piece."""
    if len(groups) == 1:
        return phonenumbers.number_type(number) == PhoneNumberType.MOBILE and len(groups[0]) >= 10
    return groups == _GROUP.findall(phonenumbers.format_number(number, PhoneNumberFormat.NATIONAL))


def _is_valid(digits: str, region: str) -> bool:
    number = _parse(digits, region)
    return number is not None and phonenumbers.is_valid_number(number)


@lru_cache(maxsize=1024)
def _parse(digits: str, region: str | None) -> PhoneNumber | None:
    try:
        return phonenumbers.parse(digits, region)
    except NumberParseException:
        return None
