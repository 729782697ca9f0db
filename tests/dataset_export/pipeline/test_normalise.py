import unicodedata
from time import process_time

import pytest
import regex
from hypothesis import given

from dataset_export.pipeline.records import Dropped
from dataset_export.pipeline.steps.normalize import Normalise, normalise

from .factories import make_record
from .strategies import hostile_text

FAMILY = "👨\u200d👩\u200d👧"
WALES = "🏴\U000e0067\U000e0062\U000e0077\U000e006c\U000e0073\U000e007f"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("Plain words.", "Plain words.", id="plain"),
        pytest.param("cafe\u0301", "café", id="composed"),
        pytest.param("ﬁve ２ ½", "ﬁve ２ ½", id="compatibility forms stay"),
        pytest.param("“so” – it’s…", "“so” – it’s…", id="typography stays"),
        pytest.param("voilÃ\xa0 lâ€™Ã©tÃ©", "voilà l’été", id="UTF-8 read as Windows-1252"),
        pytest.param("Ã\xa0 lâ€™Ã©tÃ©", "à l’été", id="mojibake first"),
        pytest.param("РџСЂРёРІРµС‚", "Привет", id="UTF-8 read as Windows-1251"),
        pytest.param(
            "Ğİ şçö ÄÖÜ ñ ã õ Âge Îles", "Ğİ şçö ÄÖÜ ñ ã õ Âge Îles", id="accents are no mojibake"
        ),
        pytest.param("Привет, Ђорђе", "Привет, Ђорђе", id="Cyrillic is no mojibake"),
        pytest.param("\x93quoted\x94", "“quoted”", id="C1 controls of Windows"),
        pytest.param("fish &amp; chips &lt;3", "fish & chips <3", id="entities"),
        pytest.param(
            "caf&eacute; &agrave; c&ocirc;t&eacute;", "café à côté", id="entities for letters"
        ),
        pytest.param("&#8220;Don&#8217;t&#8221; &#128514;", "“Don’t” 😂", id="numbered entities"),
        pytest.param(
            "Süße &lt;3 &amp; more", "Süße <3 & more", id="entities beside letters beyond ASCII"
        ),
        pytest.param("?a=1&copy=2&lt=3", "?a=1&copy=2&lt=3", id="parameters are no entities"),
        pytest.param("a\x00b\x07c\x7f", "abc", id="controls"),
        pytest.param("\x1b[31mred", "[31mred", id="escape"),
        pytest.param("abc\u202edcba\u202c", "abcdcba", id="override"),
        pytest.param("a&#x202e;b", "ab", id="override as an entity"),
        pytest.param("\u2067אב\u2069", "אב", id="isolates"),
        pytest.param("in\u00advis\u200bib\u2060le\ufeff", "invisible", id="invisible characters"),
        pytest.param(
            f"{FAMILY} ❤\ufe0f\u200d🔥 1\ufe0f\u20e3",
            f"{FAMILY} ❤\ufe0f\u200d🔥 1\ufe0f\u20e3",
            id="emoji",
        ),
        pytest.param(WALES, WALES, id="flag of a region"),
        pytest.param("hi\U000e0068\U000e0069 there", "hi there", id="smuggled tags"),
        pytest.param("a\U000e0101\U000e0102b", "ab", id="smuggled selectors"),
        pytest.param("葛\U000e0100城", "葛\U000e0100城", id="variant of a Han character"),
        pytest.param("می\u200cخواهم", "می\u200cخواهم", id="Persian non-joiner"),
        pytest.param("क्\u200dष ന്\u200d", "क्\u200dष ന്\u200d", id="Indic joiners"),
        pytest.param("ក\u200bខ", "ក\u200bខ", id="Khmer break"),
        pytest.param("b\u200do\u200co", "boo", id="joiners in Latin"),
        pytest.param("👍\u200d", "👍", id="joiner with nothing to join"),
        pytest.param("می\u200c\u200c\u200cخواهم", "می\u200cخواهم", id="one joiner is enough"),
        pytest.param("  a \t b\xa0c\u3000d  ", "a b c d", id="spaces"),
        pytest.param("a \r\nb\rc\u2028d", "a\nb\nc\nd", id="line breaks"),
        pytest.param("a\n \n\t\n\n\nb\n \nc", "a\n\n\nb\n\nc", id="at most two empty lines"),
        pytest.param("def f():\n    return x\n", "def f():\n    return x", id="code"),
        pytest.param(
            "if a:\n\tb()\t\n\n\nelse:\n\tc()",
            "if a:\n\tb()\n\n\nelse:\n\tc()",
            id="code with tabs",
        ),
        pytest.param("\n    a\n      b\n", "    a\n      b", id="code that begins indented"),
        pytest.param("  a\nb", "a\nb", id="a loose space before the first line"),
        pytest.param("x    y\n1    2\n10   3", "x    y\n1    2\n10   3", id="table"),
        pytest.param("x\ty\n1\t2", "x\ty\n1\t2", id="table with tabs"),
        pytest.param("One.  Two.\nThree", "One. Two.\nThree", id="two spaces are no table"),
        pytest.param(
            "the sea\n    is wide\n\u3000and deep", "the sea\n    is wide\n and deep", id="poem"
        ),
        pytest.param("half\ud83d", "half", id="half a pair"),
        pytest.param(
            "\U0001f3f4" + "\U000e0067" * 20,
            "\U0001f3f4" + "\U000e0067" * 16,
            id="no flag is as long",
        ),
    ],
)
def test_normalise(text, expected):
    assert normalise(text) == expected
    assert normalise(expected) == expected


@pytest.mark.parametrize(
    "text",
    [
        "If you see Ã© your encoding is wrong",
        "why do I get Ã© and â€™ here",
        "it shows up as JosÃ©",
        "文字化け: Ã©tÃ©",
        "JosÃ© and José",
        "IRMÃ… E NÃO",
        "isso Ã© bom",
        "type &lt; not <",
        "type &lt; for it",
        "press &gt; to go on",
        "use &nbsp; here",
        "&nbsp;",
        "&amp;amp;",
        "&amp;amp;lt;3",
        "AT&T &amp; co",
        "<b>a &amp; b</b>",
        "write &copy; for ©",
        "write &eacute; for é",
        "the entity is &eacute;t&eacute;",
        "`&amp;` is it",
        'say &quot; for "',
        "&#8364; is €",
        "&#65;&#66;C",
        "?a=1&copy=2&lt=3",
    ],
)
def test_what_somebody_writes_about_entities_and_encodings_stays(text):
    assert normalise(text) == text


@pytest.mark.parametrize("text", ["", "  \n\t ", "\u200b", "\u202e\u202c", "&#8203;", "\ufeff"])
def test_nothing_left_is_dropped(text):
    assert Normalise()(make_record(text)) == Dropped("empty")


def test_plain_text_is_the_same_record():
    record = make_record("Nothing to do.\nHere neither: 👍🏽 café")
    assert Normalise()(record) is record


def test_only_the_text_changes():
    assert Normalise()(make_record("a  b", language="de")) == make_record("a b", language="de")


def test_a_long_row_of_invisible_tags_takes_no_longer_than_other_text():
    begun = process_time()
    assert normalise("a" + "\U000e0067" * 60_000) == "a"
    assert process_time() - begun < 2


@given(hostile_text)
def test_idempotent(text):
    once = normalise(text)
    assert normalise(once) == once


@given(hostile_text)
def test_nothing_hidden_stays(text):
    result = normalise(text)
    assert unicodedata.is_normalized("NFC", result)
    assert not regex.search(
        r"[\p{Cc}--[\n\t]]|\p{Cs}|\p{Bidi_Control}|\p{Zl}|\p{Zp}|[\p{Zs}--\x20]", result, regex.V1
    )
    assert not regex.search(
        r"(?<![\p{L}\p{M}\p{So}\p{Sk}\ufe0f\U000e007f\p{Extended_Pictographic}])[\u200c\u200d]",
        result,
    )
    assert not regex.search(r"\n{4}|[ \t]\n|\A\n|\s\Z", result)
    assert "\n" in result or not regex.search(r"  |\t|\A\s", result)
    result.encode()
