from hashlib import sha256
from time import perf_counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dataset_export.pipeline.records import Dropped
from dataset_export.pipeline.steps.decontaminate import (
    Decontaminate,
    EvaluationNgrams,
    ngram_hashes,
)

from .factories import make_record
from .strategies import hostile_text

QUESTION = "Which of these boats reached the harbour first: the ferry, the tug or the trawler?"
CHINESE = "今天早上港口的雾散了以后，哪一艘船最先进港，请说出它的名字？"
JAPANESE = "港の霧が晴れたあと、最初に入ってきた船の名前を答えなさい。"
THAI = "หลังจากหมอกที่ท่าเรือหายไปแล้ว เรือลำไหนเข้ามาเป็นลำแรก จงบอกชื่อเรือ"
HINDI = "बंदरगाह पर कोहरा छँटने के बाद सबसे पहले कौन सी नाव आई"

step = Decontaminate(
    [
        EvaluationNgrams.from_texts("harbour", [QUESTION, CHINESE, JAPANESE, THAI, HINDI]),
        EvaluationNgrams.from_texts(
            "short", ["Name the blue boat!", "Two words", "蓝色的船叫什么名字"]
        ),
    ],
    8,
)


def goes(text):
    return step(make_record(text)) == Dropped("evaluation_text")


@pytest.mark.parametrize(
    "text",
    [
        QUESTION,
        f"Found in a test: {QUESTION} Who knows?",
        "which of these BOATS reached the harbour first",
        "“Which of these boats — reached the harbour *first*”",
        "Ｗｈｉｃｈ of these boats\nreached the harbour first ⛵",
        "the ferry, the tug, or the trawler — harbour first: the ferry, the tug or the trawler, he asked",
        "harbour first the ferry the tug or the trawler",
        CHINESE,
        "考试题：今天早上港口的雾散了以后哪一艘船最先进港",
        JAPANESE,
        "港の霧が晴れたあと、最初に入ってきた船",
        THAI,
        HINDI,
        "I say: name the blue boat, please",
        "NAME THE BLUE BOAT",
        "老师问我们蓝色的船叫什么名字呢",
    ],
)
def test_what_quotes_an_evaluation_goes(text):
    assert goes(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "🎉",
        "which of these boats reached the harbour",
        "which of these boats reached the harbour last, the ferry or the tug?",
        "which of those boats reached the harbour first",
        "boats reached the harbour first the ferry and the tug",
        "港口的雾散了以后，我们去喝咖啡",
        "หลังจากหมอกที่ท่าเรือหายไป",
        "two words",
        "name the blue boats",
        "rename the blue boat",
        "the blue boat",
        "蓝色的船",
    ],
)
def test_what_only_comes_near_stays(text):
    assert not goes(text)


def test_numbers_count_and_apostrophes_do_not():
    step = Decontaminate(
        [EvaluationNgrams.from_texts("", ["It's 3 to 1 for the boats, isn't it?"])], 8
    )
    assert step(make_record("its 3 to 1 for the boats isn’t it")) == Dropped("evaluation_text")
    record = make_record("it's 2 to 1 for the boats, isn't it?")
    assert step(record) is record


def test_accents_count_however_they_are_encoded():
    step = Decontaminate([EvaluationNgrams.from_texts("", ["Où est passé le café du port"])], 8)
    assert step(make_record("ou\u0300 est passe\u0301 le cafe\u0301 du port")) == Dropped(
        "evaluation_text"
    )
    assert not isinstance(step(make_record("ou est passe le cafe du port")), Dropped)


def test_lists_may_hold_the_same_texts():
    texts = [
        "one two three four five six seven eight",
        "nine ten eleven twelve thirteen fourteen fifteen sixteen",
    ]
    both = Decontaminate(
        [EvaluationNgrams.from_texts("a", texts), EvaluationNgrams.from_texts("b", texts[1:])], 8
    )
    assert [both(make_record(text)) for text in texts] == [Dropped("evaluation_text")] * 2
    assert both(make_record("one two three four nine ten eleven twelve")).text


def test_without_lists_nothing_is_read():
    record = make_record("\ud800")
    for lists in (
        [],
        [EvaluationNgrams.from_texts("", [])],
        [EvaluationNgrams.from_texts("", ["too short"])],
    ):
        assert Decontaminate(lists, 8)(record) is record


def test_a_list_for_other_ngrams_is_refused():
    ngrams = EvaluationNgrams.from_texts("boats", [QUESTION], 13)
    with pytest.raises(ValueError, match="the list boats is made for 13 words, not for 8"):
        Decontaminate([ngrams], 8)


def test_ngrams_are_counted():
    assert len(ngram_hashes("a b c d e f g h i")) == 2
    assert len(ngram_hashes("a b c d e f g")) == 0
    assert len(ngram_hashes("a b c d", 2)) == 3
    assert len(ngram_hashes("一二三四五六七八九十甲乙丙丁戊己庚")) == 2
    assert ngram_hashes("A, b; C d!", 4) == ngram_hashes("a b c d", 4)


def test_hashes_never_change():
    """Lists are stored: what another version hashes differently would no longer be found."""
    assert ngram_hashes("One, two, three, four, five, six, seven, eight!") == {0x88053490763B3F21}
    assert ngram_hashes("今天早上港口的雾散了，船进来了吗？好") == {0x27030437523BAF1C}


def test_a_list_names_its_texts():
    ngrams = EvaluationNgrams.from_texts("boats", ["a b c d e f g h i", "a b"])
    assert ngrams.sha256 == sha256(b"a b c d e f g h i\0a b\0").hexdigest()
    assert (ngrams.words, ngrams.weights, len(ngrams.hashes)) == (8, (32,), 2)


@given(st.lists(st.one_of(hostile_text, st.text("ab 一ก", min_size=20)), max_size=3))
def test_a_list_is_stored_and_read(texts):
    ngrams = EvaluationNgrams.from_texts("boats", texts)
    content = ngrams.to_bytes()
    again = EvaluationNgrams.from_bytes(content)
    assert again[:4] == ngrams[:4]
    assert again.to_bytes() == content
    assert np.array_equal(again.hashes, ngrams.hashes)
    assert np.all(ngrams.hashes[:-1] < ngrams.hashes[1:])
    assert EvaluationNgrams.from_texts("boats", texts).to_bytes() == content


@given(st.text("abc 一二ก'", max_size=60), st.text("abc 一二ก'", max_size=20), st.integers(1, 10))
def test_a_text_is_found_in_whatever_holds_it(text, around, words):
    ngrams = EvaluationNgrams.from_texts("", [text], words)
    post = make_record(f"{around} . {text} . {around}")
    assert isinstance(Decontaminate([ngrams], words)(post), Dropped) == (len(ngrams.hashes) > 0)


@given(hostile_text)
def test_any_text_passes_or_goes(text):
    assert step(make_record(text)) == step(make_record(text))


def test_long_hostile_text_takes_no_longer_than_its_length():
    started = perf_counter()
    for text in ("a " * 20_000, "一" * 20_000, "一a" * 20_000, "ก'" * 20_000):
        step(make_record(text))
    assert perf_counter() - started < 5
