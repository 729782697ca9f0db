import subprocess
import sys
from time import perf_counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dataset_export.pipeline.records import Safety
from dataset_export.pipeline.steps.safety import (
    _LISTS,
    NONE,
    SAFETY_LABELS,
    SafetyLabel,
    _fold,
    _lexicon,
    _read,
    _severity,
    label,
)

from .factories import make_record
from .strategies import hostile_text

LISTED = ("en", "hi", "de", "es", "fr", "pt")


def entries(language):
    """The rules of a language's own list: the words are looked up, as they need not stand here."""
    return _read(language)["rules"]


def example(pattern):
    """The shortest text that a pattern of the lists means."""
    words = (
        element.strip("()").split("|")[0].removesuffix("*")
        for element in pattern.split()
        if element[-1] != "?"
    )
    return " ".join(words)


@pytest.mark.parametrize(
    ("text", "language", "expected"),
    [
        ("The damn ferry is late", "en", Safety("profanity", 0.25)),
        ("DAMN!", "en", Safety("profanity", 0.25)),
        ("daaaamn", "en", Safety("profanity", 0.25)),
        ("oh #damnit", "en", Safety("profanity", 0.25)),
        ("damn", "en-GB", Safety("profanity", 0.25)),
        ("damn", "und", Safety("profanity", 0.25)),
        ("damn", "", Safety("profanity", 0.25)),
        ("What a morning in the harbour", "en", Safety("none", 0.0)),
        ("madamn shiitake shitake scrap", "en", Safety("none", 0.0)),
        ("@damn https://example.org/damn", "en", Safety("none", 0.0)),
        ("damn", "de", Safety("none", 0.0)),
        ("damn", "th", Safety("unknown", 0.0)),
        ("Quel bordel au port", "fr", Safety("profanity", 0.25)),
        ("¡Qué frío del carajo!", "es", Safety("profanity", 0.25)),
        ("", "en", Safety("none", 0.0)),
    ],
)
def test_label(text, language, expected):
    assert label(text, language) == expected


@pytest.mark.parametrize("language", LISTED)
def test_each_rule_of_the_lists_is_heard(language):
    for entry in entries(language):
        text = example(entry["pattern"])
        found = label(f"x {text.upper()}, y", language)
        assert SAFETY_LABELS.index(found.label) <= SAFETY_LABELS.index(entry["category"])
        assert found.score > 0


def test_one_grave_word_counts_more_than_many_mild_ones():
    grave = next(
        example(entry["pattern"]) for entry in entries("en") if entry["category"] == "hate"
    )
    assert label(f"damn {grave} crap", "en") == label(grave, "en")
    assert label(grave, "en").label == "hate"


def test_a_phrase_needs_all_of_its_words():
    entry = next(
        entry
        for entry in entries("en")
        if entry["category"] == "harassment" and " " in entry["pattern"]
    )
    text = example(entry["pattern"])
    assert label(text, "en").label == "harassment"
    assert label(text.replace(" ", " harbour "), "en").label != "harassment"
    assert label(text.replace(" ", ", "), "en").label == "harassment"


def test_nothing_but_the_label_changes():
    record = make_record("Damn fog", language="en")
    assert SafetyLabel()(record) == record._replace(safety=Safety("profanity", 0.25))


@given(hostile_text, st.sampled_from([*_LISTS, "th", "en-GB", "??"]))
def test_any_text_has_a_label(text, language):
    found = label(text, language)
    assert found == label(text, language)
    assert found.label in {*SAFETY_LABELS, NONE, "unknown"}
    assert 0 <= found.score <= 1
    assert found.score * 256 == int(found.score * 256)


@given(st.data())
def test_the_few_rules_that_a_word_picks_answer_as_all_of_them(data):
    lists = _LISTS[data.draw(st.sampled_from(LISTED))]
    lexicon = _lexicon(lists)
    rules = {rule for some in lexicon.rules.values() for rule in some}
    words = [
        word
        for name in lists
        for entry in _read(name)["rules"]
        for word in example(entry["pattern"]).split()
    ]
    text = " ".join(data.draw(st.lists(st.sampled_from([*words, "x", "you", "is"]), max_size=8)))
    found = [rule.safety for rule in rules if rule.pattern.search(_fold(text))]
    assert lexicon.label(text) == min(found, key=_severity, default=Safety(NONE, 0.0))


def test_long_hostile_text_takes_no_longer_than_its_length():
    started = perf_counter()
    for text in (
        "d" * 100_000,
        "you are a " * 10_000,
        "damn " * 20_000,
        "i will go to kill " * 6_000,
        "é" * 100_000,
    ):
        label(text, "en")
    assert perf_counter() - started < 5


def test_the_package_is_data_only():
    code = (
        "import sys; from dataset_export.pipeline.steps.safety import label;"
        "assert label('damn', 'en').score; assert 'safetype' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
