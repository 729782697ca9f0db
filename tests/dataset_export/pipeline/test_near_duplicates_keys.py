"""Which posts are looked at together."""

import os
import subprocess
import sys
from collections import defaultdict
from hashlib import sha256
from itertools import combinations, islice
from random import Random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.texts import new_post, with_copies
from dataset_export.pipeline.dedup.minhash import (
    BANDS,
    candidate_pairs,
    comparison_tokens,
    could_match,
    dedup,
    is_near_duplicate,
    signatures,
    signatures_with_sizes,
)

from .strategies import hostile_text

SAID = [
    "the fog over the harbour lifted before the ferry came in",
    "der Nebel über dem Hafen hob sich, bevor die Fähre heute früh einlief",
    "今日は朝からずっと雨が降っていて寒いですね",
    "เช้านี้หมอกเหนือท่าเรือจางลงก่อนเรือข้ามฟากมาถึงฝั่ง",
    "انقشع الضباب فوق الميناء قبل وصول العبارة هذا الصباح",
    "good night",
    "🎉",
]


def made_up(count):
    return [text for text, _ in islice(with_copies(Random(5), ["ana"], new_post), count)]


def test_keys_never_change():
    """Keys of builds that are under way lie in databases."""
    keys = signatures(SAID)
    assert (keys.dtype, keys.shape) == (np.uint64, (len(SAID), BANDS))
    assert sha256(keys.astype("<u8").tobytes()).hexdigest() == (
        "8e624f7b187a6a1f8862502fa5c5e969f8d13ed965e425ff9fcd00888b9c1213"
    )


@pytest.mark.parametrize("seed", ["0", "1234"])
def test_keys_are_the_same_in_every_process(seed):
    code = f"from dataset_export.pipeline.dedup.minhash import signatures;print(signatures({SAID!r}).tobytes().hex())"
    environment = os.environ | {"PYTHONHASHSEED": seed, "PYTHONIOENCODING": "utf-8"}
    printed = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment
    )
    assert bytes.fromhex(printed.stdout) == signatures(SAID).tobytes()


def test_keys_are_the_same_in_any_company():
    texts = made_up(1500)
    keys = signatures(texts)
    assert (
        keys
        == np.concatenate(
            [signatures(texts[:7]), signatures(texts[7:1100]), signatures(texts[1100:])]
        )
    ).all()
    assert (signatures(texts[::-1]) == keys[::-1]).all()


@pytest.mark.parametrize(
    ("text", "exact", "likeness"),
    [
        ("", False, False),
        ("🎉 @ana", False, False),
        ("good night", True, False),
        ("one two three four five six", True, False),
        ("one two three four five six seven", True, True),
        ("今日は雨が降っていて寒", True, False),
        ("今日は朝からずっと雨が降っていて", True, True),
    ],
)
def test_which_texts_have_keys(text, exact, likeness):
    keys = signatures([text])[0]
    assert (keys[0] != 0) is np.bool_(exact)
    assert (keys[1:] != 0).all() if likeness else (keys[1:] == 0).all()


def test_the_first_key_is_for_equal_words():
    one, other, unlike = signatures(["Good night, mum", "good night mum!", "good night dad"])
    assert one[0] == other[0] != unlike[0]


@given(st.lists(hostile_text, max_size=5))
def test_any_texts_have_keys(texts):
    assert signatures(texts).shape == (len(texts), BANDS)


@given(st.lists(st.integers(0, 3), max_size=60), st.randoms())
def test_pairs_are_those_of_equal_keys(keys, random):
    ids = random.sample(range(10**15, 10**15 + 200), len(keys))
    pairs = candidate_pairs(np.array(keys, np.uint64), np.array(ids, np.int64))
    assert pairs.dtype == np.int64
    assert pairs.tolist() == sorted(map(list, expected_pairs(keys, ids)))


def expected_pairs(keys, ids):
    groups = defaultdict(list)
    for key, number in sorted(zip(keys, ids, strict=True)):
        groups[key].append(number)
    for key, group in groups.items():
        for one, other in combinations(range(len(group)), 2):
            if key and (len(group) <= 16 or one < 8 or other - one <= 4):
                yield group[other], group[one]


def test_copies_of_one_text_make_pairs_in_proportion():
    for count in (1_000, 50_000):
        pairs = candidate_pairs(np.full(count, 7, np.uint64), np.arange(count))
        assert len(pairs) == 12 * count - (8 * 9 // 2 + 4 * 8 + 4 * 5 // 2)
        assert (pairs[:, 0] > pairs[:, 1]).all()


def test_a_thousand_copies_with_a_word_changed_are_found():
    random = Random(3)
    text = "we all went down to the old harbour to see the first ferry of the year come in from the islands"
    texts = []
    for _ in range(1000):
        varied = text.split()
        varied[random.randrange(len(varied))] = "".join(random.choices("abcdefghijklmnop", k=6))
        texts.append(" ".join(varied))
    assert len(dedup(dict(enumerate(texts)))) == 999


def test_most_posts_with_a_word_changed_are_found():
    """The benchmark of this name measures it on real posts, kind by kind."""
    random = Random(4)
    texts = [text for text in made_up(4000) if text.isascii() and 8 <= len(text.split()) <= 60][
        :800
    ]
    changed = {}
    for number, text in enumerate(texts, len(texts)):
        words = text.split()
        places = [place for place, word in enumerate(words) if word.isalpha()]
        words[random.choice(places)] = "".join(random.choices("bcdfghjklmnpq", k=6))
        changed[number] = " ".join(words)
    links = dedup(dict(enumerate(texts)) | changed)
    found = sum(links.get(number) is not None for number in changed)
    assert found >= 0.97 * len(changed)
    assert all(
        links[number] == links.get(number - len(texts), number - len(texts))
        for number in changed
        if number in links
    )


words = st.lists(
    st.sampled_from(["a", "of", "fog", "10", "harbour", "lifted", "ferry", "雨", "降", "น้ำ", "ดี"]),
    max_size=60,
)
slips = st.lists(
    st.tuples(st.integers(0, 60), st.sampled_from(["", "x", "lift ed", "雨", "ferry boat"])),
    max_size=4,
)


@given(words, slips)
def test_no_pair_that_is_one_post_is_parted_by_length(said, slips):
    again = list(said)
    for place, word in slips:
        again[place : place + 1] = [word]
    one, other = " ".join(said), " ".join(again)
    _, sizes = signatures_with_sizes([one, other])
    assert could_match(sizes[:1], sizes[1:])[0] or not is_near_duplicate(
        comparison_tokens(one), comparison_tokens(other)
    )


def test_most_pairs_that_share_a_key_by_chance_are_parted_by_length():
    texts = [text for text, _ in islice(with_copies(Random(8), ["ana"], new_post), 3000)]
    keys, sizes = signatures_with_sizes(texts)
    pairs = np.concatenate(
        [candidate_pairs(keys[:, band], np.arange(3000)) for band in range(BANDS)]
    )
    likely = pairs[could_match(*sizes[pairs].T)]
    one_post = [
        is_near_duplicate(comparison_tokens(texts[later]), comparison_tokens(texts[earlier]))
        for later, earlier in likely.tolist()
    ]
    assert len(pairs) > 300
    assert len(likely) - sum(one_post) < 0.5 * (len(pairs) - sum(one_post))
