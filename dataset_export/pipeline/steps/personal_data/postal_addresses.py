"""Find street addresses: a name, a word for a street, and a number. What has no number is a place, not a home.

Precision first: streets named in ways that only a map could tell from other words ("Kuusiku 7") are not found.
"""

import re
from collections.abc import Iterator

from dataset_export.pipeline.steps.personal_data.matches import PiiMatch

_CAPITAL = r"[A-ZÀ-ÖØ-ÞĀĂĄĆČĎĐĒĘĚĞĢĪĶŁĽĻŃŇŅŐŘŚŠŞŢŤŪŮŰŹŻŽΑ-ΩА-Я]"
_NAMED = rf"{_CAPITAL}[\w'’-]{{0,30}}\.?"
_LITTLE = (
    r"(?:de|da|do|das|dos|del|della|dei|delle|degli|di|du|des|d'|l'|la|le|les|lo|los|las|el|e|y|von|van|der|den|und"
    r"|et|à|aux|sur)"
)

_ENGLISH = (
    r"Street|St|Avenue|Ave|Av|Road|Rd|Drive|Dr|Lane|Ln|Boulevard|Blvd|Court|Ct|Place|Pl|Terrace|Crescent|Cres|Close"
    r"|Parkway|Pkwy|Highway|Hwy|Square|Sq|Alley|Mews|Grove|Gardens|Loop|Trail|Circle|Str"
)
_FRENCH = "rue|avenue|av\\.|boulevard|bd|impasse|chemin|allée|quai|Rue|Avenue|Av\\.|Boulevard|Impasse|Chemin|Allée|Quai"
_AFTER_NUMBER = re.compile(
    rf"""
    ,?[ ] (?:
        (?:[NSEW]{{1,2}}\.?[ ])? (?:{_NAMED}[ ]|\d{{1,3}}(?:st|nd|rd|th)[ ]){{1,2}}
        (?: (?:{_NAMED}[ ])? (?:{_ENGLISH}) | Way ) \b\.?
      | (?:bis[ ]|ter[ ])? (?:{_FRENCH})[ ]
        (?:{_LITTLE}[ ]?){{0,3}} \w[\w'’-]{{0,30}} (?:[ ](?:{_LITTLE}[ ])?{_NAMED}){{0,4}}
    )""",
    re.VERBOSE,
)

_ROMANCE = (
    r"Calle|C/|Avenida|Avda\.?|Av\.?|Plaza|Paseo|Via|Viale|Piazza|Corso|Vicolo|Rua|Travessa|Praça|Alameda|Rue|Avenue"
    r"|Boulevard|Strada|Bulevardul"
)
_SLAVIC_AND_GREEK = r"ul\.|al\.|ulica|Str\.|ул\.|улица|проспект|Λεωφόρος|οδός"
_GERMANIC = (
    r"straße|strasse|str\.|weg|gasse|allee|platz|ufer|straat|laan|gracht|kade|plein|gatan|gata|vägen|gränd|gade|vej"
    r"|vænget|stræde|gaten|veien|vegen|katu|kuja|polku|stræti|straeti|braut|vegur|utca"
)
_BEFORE_NUMBER = re.compile(
    rf"""(?<!\w) (?:
        (?:{_ROMANCE}|{_SLAVIC_AND_GREEK})[ ] (?:(?:{_LITTLE}[ ]?){{0,3}}{_NAMED},?[ ]){{1,5}} (?:n[º°.o]{{0,2}}[ ]?)?
      | {_CAPITAL}[\w'’-]{{1,30}}(?:{_GERMANIC})[ ]
      | {_NAMED}(?:[ ]{_NAMED})?[ ](?:u\.|utca|út|útja|tér|köz|rkp\.)[ ]
      | (?i:P\.?[ ]?O\.?[ ]?Box|Post[ ]Office[ ]Box|Postfach|Postbus|Apartado(?:[ ]de[ ]correos|[ ]postal)?)[ ]
        (?:n[º°.o]{{1,2}}[ ])?\#?
      | (?i:(?:PSC|Unit|CMR)[ ]\d{{1,5}},?[ ]Box|[AFD]PO[ ]A[AEP])[ ]
    ) \Z""",
    re.VERBOSE,
)
# In other languages "Via" begins a tweet's source: "Via Radar 24".
_SOURCE = "Via "
_REACH = 80

# A house's number, which is no part of a date, a price, a time or another number.
_NUMBER = re.compile(r"""[\s("'#|]\d{1,5}+[A-Ha-h]?(?!\d)""")
_BEFORE_STREET = (" ", ",")
_NO_HOUSE_AFTER = re.compile(r"[\w%€$£°/-]|[.,:]\d")
_SMALL_WORDS = frozenset(
    [
        *(
            "u.",
            "utca",
            "út",
            "útja",
            "tér",
            "köz",
            "rkp.",
            "box",
            "postfach",
            "postbus",
            "apartado",
            "correos",
        ),
        *("postal", "n.", "nº", "n°", "no", "ap", "aa", "ae"),
    ]
)

# The flat, then the town with its code, as they follow a street.
_FLAT = re.compile(
    r",?\s{1,3}(?:Apt|Apartment|Suite|Ste|Flat|Unit|Wohnung|Etage|piso)\b\.?\s?#?\s?\w{1,5}\b",
    re.IGNORECASE,
)
_TOWN = re.compile(
    rf"""
    ,?\s{{1,3}} (?:
        \d{{4,5}}\ {_NAMED}                                                   # 10999 Berlin
      | (?:{_NAMED}\ ?){{1,3}},?\s{{1,3}}[A-Z]{{2}}\s{{1,3}}                  # Springfield, IL
        (?: \d{{5}}(?:-\d{{4}})? | [A-Z]\d[A-Z]\ ?\d[A-Z]\d )                 # 62701, K1A 0B1
      | (?:(?:{_NAMED}\ ?){{1,2}},?\ )? [A-Z]{{1,2}}\d[A-Z\d]?\ \d[A-Z]{{2}}  # London, SW1A 2AA
    ) \b""",
    re.VERBOSE,
)


def addresses(text: str, language: str) -> Iterator[PiiMatch]:
    """Yield streets with a house's number and post-office boxes, each with flat and town where these follow."""
    for match in _NUMBER.finditer(f" {text}"):
        start, end = match.start(), match.end() - 1
        if text[end : end + 1] in _BEFORE_STREET and (street := _AFTER_NUMBER.match(text, end)):
            yield PiiMatch("address", start, _full_end(text, street.end()))
        elif (
            begin := _street_before(text, start, language)
        ) is not None and not _NO_HOUSE_AFTER.match(text, end):
            yield PiiMatch("address", begin, _full_end(text, end))


def _street_before(text: str, end: int, language: str) -> int | None:
    """Return where the street begins that ends right before a number, None if there is none."""
    word = text[max(0, end - _REACH) : end].rstrip("# ").rpartition(" ")[2]
    if not word[:1].isupper() and word.lower() not in _SMALL_WORDS:
        return None
    street = _BEFORE_NUMBER.search(text, max(0, end - _REACH), end)
    if street is None or (language != "it" and street[0].startswith(_SOURCE)):
        return None
    return street.start()


def _full_end(text: str, end: int) -> int:
    for part in (_FLAT, _TOWN):
        if more := part.match(text, end):
            end = more.end()
    return end
