"""Two datasets of the same posts: what a reader can tell of who wrote what in both, other than by the words."""

from collections import defaultdict
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from itertools import combinations
from random import Random
from uuid import UUID

import pytest

from dataset_export.pipeline.conversations import to_conversation
from dataset_export.pipeline.pseudonyms import Pseudonyms
from dataset_export.pipeline.rows import to_row

from .factories import make_record

# The words, and what is worked out from words alone.
OF_THE_WORDS = {
    "text",
    "content",
    "lang",
    "duplicate_count",
    "quality",
    "safety",
    "redactions",
    "languages",
}
AUTHORS, POSTS = 40, 15
ONE, OTHER = (
    Pseudonyms(secret)
    for secret in (b"a secret of one snapshot", b"the secret of another snapshot")
)


def make_posts():
    """Return posts of many authors, each with a grant, a notice and moments that nobody shares."""
    random = Random(7)
    begun = datetime(2026, 3, 1, tzinfo=UTC)
    records = []
    for author in range(AUTHORS):
        for number in range(POSTS):
            post_id = (len(records) + 1) << 16
            records.append(
                make_record(
                    f"{author} says {number}",
                    post_id=post_id,
                    thread_id=post_id,
                    subject=UUID(int=author),
                    created_at=begun
                    + timedelta(days=30 * (number % 6), seconds=random.randrange(10**6)),
                    consent_position=1000 + author,
                    notice=f"pretraining/{1 + author % 2}/l{author}",
                    authorship=("human", "assisted")[number % 2],
                )
            )
    return records


def in_order(pseudonyms, numbered):
    """Return what belongs to numbers in the order in which a build writes it."""
    return [
        each
        for _, each in sorted(
            numbered,
            key=lambda pair: sha256(pseudonyms.order_key + pair[0].to_bytes(8, "big")).digest(),
        )
    ]


def posts_of(pseudonyms):
    rows = in_order(
        pseudonyms,
        [
            (record.post_id, to_row(record, pseudonyms, parent_kept=False))
            for record in make_posts()
        ],
    )
    return [
        ({**flat(row), "place": place}, row["author"], row["text"])
        for place, row in enumerate(rows)
    ]


def messages_of(pseudonyms):
    """Return the messages of conversations between neighbours, each with the columns of its row."""
    records = make_posts()
    threads = []
    for number in range(len(records) - POSTS):
        root, answer = records[number], records[number + POSTS]
        answer = answer._replace(thread_id=root.post_id, parent_id=root.post_id)
        threads.append((root.post_id, to_conversation([(root, None), (answer, 0)], pseudonyms)))
    return [
        (
            {
                **flat({key: value for key, value in row.items() if key != "messages"}),
                **flat(message),
                "place": place,
            },
            message["name"],
            message["content"],
        )
        for place, row in enumerate(in_order(pseudonyms, threads))
        for message in row["messages"]
    ]


def flat(row, prefix=""):
    columns = {}
    for name, value in row.items():
        if name in OF_THE_WORDS:
            continue
        columns |= (
            flat(value, f"{prefix}{name}.") if isinstance(value, dict) else {prefix + name: value}
        )
    return columns


def authors_by(rows, columns):
    found = defaultdict(set)
    for row, author, _ in rows:
        found[tuple(row[column] for column in columns)].add(author)
    return found


@pytest.mark.parametrize("rows_of", [posts_of, messages_of])
def test_no_columns_but_the_words_join_the_authors_of_two_data_sets(rows_of):
    one, other = rows_of(ONE), rows_of(OTHER)
    # What is true is known by the words, which nothing can hide.
    known = {text: author for _, author, text in other}
    truth = {author: known[text] for _, author, text in one}
    assert len(truth) == len(set(truth.values())) == AUTHORS
    columns = list(one[0][0])
    assert {"created_at", "consent.reference", "consent.notice", "id", "place"} <= set(columns)
    for size in range(1, len(columns) + 1):
        for chosen in combinations(columns, size):
            ours, theirs = authors_by(one, chosen), authors_by(other, chosen)
            links = {
                (*ours[value], *theirs[value])
                for value in ours.keys() & theirs.keys()
                if len(ours[value]) == len(theirs[value]) == 1
            }
            # Some are right by chance, where rows of one author lie in one place in both.
            assert sum(truth[author] == found for author, found in links) <= 3 + len(links) / 10, (
                chosen
            )


def test_the_rows_that_name_each_other_still_do():
    record = make_record()
    row, message = (
        to_row(record, ONE, parent_kept=False),
        to_conversation([(record, None)], ONE)["messages"][0],
    )
    assert (row["id"], row["author"], row["consent"]) == (
        message["id"],
        message["name"],
        message["consent"],
    )
