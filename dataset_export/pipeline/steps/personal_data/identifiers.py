"""Find numbers with check digits or a fixed shape: payment cards, bank accounts, national ids."""

import re
from collections.abc import Callable, Iterator
from typing import Final, NamedTuple

from stdnum import iban, luhn
from stdnum.br import cpf
from stdnum.cn import ric
from stdnum.de import idnr
from stdnum.es import dni, nie
from stdnum.fr import nir
from stdnum.gb import nhs
from stdnum.in_ import aadhaar
from stdnum.it import codicefiscale
from stdnum.kr import rrn
from stdnum.nl import bsn
from stdnum.pl import pesel
from stdnum.se import personnummer

from dataset_export.pipeline.steps.personal_data.matches import PiiMatch

_REACH = 60

# ISO/IEC 7812: how many digits there are, and how they stand in groups on the card.
_CARD = re.compile(
    r"""(?<![\w@\#$€£.,-]) (?:
        \d{12,19}
      | \d{4}(?P<four>[ .-])\d{4}(?P=four)\d{4}(?P=four)\d{4}(?:(?P=four)\d{3})?
      | \d{4}(?P<three>[ -])\d{6}(?P=three)\d{4,5}
    ) (?! [\w€%] | [.,]\d )""",
    re.VERBOSE,
)
# Issuers' prefixes and lengths: Visa, Mastercard, American Express, Diners Club, JCB, Discover, UnionPay, Maestro.
_ISSUER = re.compile(
    r"""4(?:\d{12}|\d{15}|\d{18}) | (?:5[1-5]\d\d|222[1-9]|22[3-9]\d|2[3-6]\d\d|27[01]\d|2720)\d{12}
      | 3[47]\d{13} | 3(?:0[0-5]|09|[689]\d)\d{11} | 3(?:52[89]|5[3-8]\d)\d{12,15} | (?:1800|2131)\d{11}
      | (?:6011|64[4-9]\d|65\d\d)\d{12,15} | 62\d{14,17} | (?:50|5[6-8]|6[0-9])\d{10,17}""",
    re.VERBOSE,
)
_CARD_WORD = re.compile(
    r"\b(?:cards?|cc|credit|debit|visa|mastercard|maestro|amex|karten?|kreditkarte|carte|tarjeta|carta|cart[ãa]o|kort|karta)\b"
    r"|карт|卡|カード|카드|बैंक|บัตร|بطاق",
    re.IGNORECASE,
)
# Numbers of other lengths are too often something else.
_CARD_DIGITS = range(14, 17)

# ISO 13616: the country, two check digits, then up to 30 letters and digits, often in groups of four.
_IBAN = re.compile(r"(?<![A-Za-z0-9])[A-Za-z]{2}\d{2}(?:[ -]?[A-Za-z0-9]){11,30}+")
_IBAN_CUT = re.compile(r"(?<=[A-Za-z0-9])(?![A-Za-z0-9])")


class _Id(NamedTuple):
    """A national id that is a mere row of digits: how it looks, which check it passes, which words go with it."""

    shape: re.Pattern[str]
    check: Callable[[str], bool]
    words: re.Pattern[str]


def _shape(shape: str) -> re.Pattern[str]:
    return re.compile(rf"(?<![\w@#.,+-])(?:{shape})(?![\w-]|[.,]\d)", re.IGNORECASE | re.VERBOSE)


def _words(words: str) -> re.Pattern[str]:
    return re.compile(rf"(?<![\w<])(?:{words})(?!\w)", re.IGNORECASE)


def _always(number: str) -> bool:
    return True


# Shapes that are hardly ever anything else, each with its check; no two of them fit the same text.
_STRIKING = _shape(
    # The first look saves ten others at most places.
    r"""
    (?= \d{3} | \d[ ]\d | [A-Z]{2}[ ]?\d\d | [XYZ][ -]?\d | [A-Z]{6}\d )
    (?:
      (?P<ssn>  (?!000|666|9)\d{3}-(?!00)\d\d-(?!0000)\d{4} )
    | (?P<nino> (?-i: (?!BG|GB|KN|NK|NT|TN|ZZ)[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z][ ]?\d\d[ ]?\d\d[ ]?\d\d[ ]?[A-D] ) )
    | (?P<nir>  [1278][ ]?\d\d[ ]?\d\d[ ]?(?:\d\d|2[AB])[ ]?\d{3}[ ]?\d{3}[ ]?\d\d )
    | (?P<dni>  \d{8}-?[A-Z] )
    | (?P<nie>  [XYZ][ -]?\d{7}-?[A-Z] )
    | (?P<codicefiscale> [A-Z]{6}[\dL-V]{2}[A-EHLMPRST][\dL-V]{2}[A-Z][\dL-V]{3}[A-Z] )
    | (?P<cpf>  \d{3}\.\d{3}\.\d{3}-\d\d )
    | (?P<personnummer> (?:\d\d)?\d{6}[-+]\d{4} )
    | (?P<ric>  \d{17}[\dX] )
    | (?P<rrn>  \d{6}-\d{7} )
    )
    """
)
_STRIKING_CHECKS: Final[dict[str, Callable[[str], bool]]] = {
    # Social Security Administration, "Social Security Number Randomization": never 000, 666, 9xx; nor 00; nor 0000.
    "ssn": _always,
    # HM Revenue & Customs, manual NIM39110: which letters there are; no check digit.
    "nino": _always,
    "nir": nir.is_valid,
    "dni": dni.is_valid,
    "nie": nie.is_valid,
    "codicefiscale": codicefiscale.is_valid,
    "cpf": cpf.is_valid,
    "personnummer": personnummer.is_valid,
    "ric": ric.is_valid,
    "rrn": rrn.is_valid,
}

_NAMED_IDS = (
    _Id(
        _shape(r"(?!000|666|9)\d{3}[ .]?(?!00)\d\d[ .]?(?!0000)\d{4}"),
        _always,
        _words(r"ssns?|social security(?: (?:number|no\.?|#))?|soc\.? sec\.?"),
    ),
    _Id(_shape(r"\d{3}[ -]?\d{3}[ -]?\d{4}"), nhs.is_valid, _words("nhs")),
    _Id(_shape(r"\d{11}"), cpf.is_valid, _words("cpf")),
    _Id(_shape(r"\d{11}"), pesel.is_valid, _words(r"pesel\w{0,4}")),
    _Id(
        _shape(r"\d{4}\.?\d\d\.?\d{3}"), bsn.is_valid, _words("bsn|burgerservicenummer|sofinummer")
    ),
    _Id(_shape(r"[2-9]\d{3}[ -]?\d{4}[ -]?\d{4}"), aadhaar.is_valid, _words("aadhaa?r|uidai|आधार")),
    _Id(
        _shape(r"\d\d[ ]?\d{3}[ ]?\d{3}[ ]?\d{3}"),
        idnr.is_valid,
        _words(r"steuer-?id(?:nr)?\.?|steueridentifikationsnummer|steuernummer|idnr\.?|tax id"),
    ),
)
# Passports and licences differ too much for a shape: the words right before say what it is.
_DOCUMENT = re.compile(
    r"""(?<![\w<]) (?: passport | driver'?s?'?\ licen[cs]e | driving\ licen[cs]e | führerschein | reisepass
      | personalausweis | passeport | permis\ de\ conduire | pasaporte | passaporto | patente | paspoort | rijbewijs )
    (?:nummer)? [ :\#.]{0,3} (?: (?:number|nummer|num[ée]ro|no|nr|n[º°]|is|ist|est|es|è|was|it's) [ :\#.]{1,3} ){0,3}
    (?P<id> (?=(?:[A-Z-]{0,6}\d){5}) [A-Z0-9][A-Z0-9-]{4,18}[A-Z0-9] ) (?!\w)""",
    re.VERBOSE | re.IGNORECASE,
)
# The beginnings of all those words, to look for them once.
_MAYBE_NAMED = re.compile(
    r"ssn|soc|nhs|cpf|pesel|bsn|burgers|sofi|aadh|uidai|आधार|steuer|idnr|tax id"
    r"|pass|driv|führer|personal|permis|pasa|patente|paspoort|rijbewijs"
)


def cards(text: str) -> Iterator[PiiMatch]:
    """Yield numbers of payment cards; an unusual length or an unknown issuer needs a word that says card."""
    for match in _CARD.finditer(text):
        if _is_card(match, re.sub(r"\D", "", match[0])):
            yield PiiMatch("card", match.start(), match.end())


def _is_card(match: re.Match[str], digits: str) -> bool:
    if not luhn.is_valid(digits):
        return False
    issued = _ISSUER.fullmatch(digits) is not None
    if issued and len(digits) in _CARD_DIGITS:
        return True
    return (issued or len(digits) in _CARD_DIGITS) and _says(_CARD_WORD, match)


def ibans(text: str) -> Iterator[PiiMatch]:
    """Yield international bank account numbers; what follows after a space may still belong to one, or not."""
    for match in _IBAN.finditer(text):
        for cut in reversed([cut.end() for cut in _IBAN_CUT.finditer(match[0])]):
            if cut >= 15 and iban.is_valid(match[0][:cut]):
                yield PiiMatch("iban", match.start(), match.start() + cut)
                break


def national_ids(text: str) -> Iterator[PiiMatch]:
    """Yield numbers that a state gave to a person."""
    for match in _STRIKING.finditer(text):
        if _STRIKING_CHECKS[match.lastgroup or ""](match[0]):
            yield PiiMatch("national_id", match.start(), match.end())
    if _MAYBE_NAMED.search(text.lower()):
        yield from _named_ids(text)


def _named_ids(text: str) -> Iterator[PiiMatch]:
    for id_ in _NAMED_IDS:
        for match in id_.shape.finditer(text):
            if _says(id_.words, match) and id_.check(match[0]):
                yield PiiMatch("national_id", match.start(), match.end())
    for match in _DOCUMENT.finditer(text):
        yield PiiMatch("national_id", *match.span("id"))


def _says(words: re.Pattern[str], match: re.Match[str]) -> bool:
    """Tell whether one of the words stands close before the match, or right after it."""
    return bool(
        words.search(match.string, max(0, match.start() - _REACH), match.start())
        or words.search(match.string, match.end(), match.end() + _REACH // 2)
    )
