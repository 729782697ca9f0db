import sys

import pytest
import regex
from hypothesis import given

from dataset_export.pipeline.text_length import count_words, estimated_tokens

from .strategies import hostile_text


@pytest.mark.parametrize(
    ("text", "words", "tokens"),
    [
        ("", 0, 0),
        ("Fog", 1, 1),
        ("Fog over the harbour this morning.", 6, 9),
        ("  Fog\n\nover  ", 2, 4),
        ("Nebel über dem Hafen", 4, 5),
        ("Туман над гаванью", 3, 5),
        ("오늘 아침 안개", 3, 2),
        ("港の霧", 3, 2),
        ("港の霧は、朝のうちに晴れました。", 14, 10),
        ("今天早上, fog again", 6, 6),
        ("コーヒー", 4, 3),
        ("วันนี้ฝนตก", 7, 6),
        ("ភាសាខ្មែរ", 5, 5),
        ("🌫 🌫", 2, 1),
    ],
)
def test_words_and_tokens(text, words, tokens):
    assert (count_words(text), estimated_tokens(text)) == (words, tokens)


@given(hostile_text)
def test_any_text_can_be_counted(text):
    assert 0 <= count_words(text) <= len(text)
    assert 0 <= estimated_tokens(text) <= len(text) + 1
    assert estimated_tokens(text) <= estimated_tokens(text + "word")


def test_the_letters_of_scripts_without_spaces_are_those_of_unicode():
    scripts = (
        "Han",
        "Hiragana",
        "Katakana",
        "Bopomofo",
        "Thai",
        "Lao",
        "Khmer",
        "Myanmar",
        "Tibetan",
        "Yi",
    )
    union = "".join(rf"\p{{{script}}}" for script in scripts)
    letter = regex.compile(rf"[[{union}]&&\p{{L}}]", regex.V1)
    everything = "".join(map(chr, [*range(0xD800), *range(0xE000, sys.maxunicode + 1)]))
    for char in filter(str.isalpha, letter.findall(everything)):
        assert count_words(char * 3) == 3, hex(ord(char))
    for char in "가ㄱあ":
        assert count_words(char * 3) == (3 if char == "あ" else 1)
