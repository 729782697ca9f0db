"""The review of a snapshot: what is counted, what stands out, which rows are shown, and who may do what."""

import re

import pytest
from django.contrib.auth.models import Group
from django.core import mail
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import User
from dataset_export.builds.services import SnapshotError
from dataset_export.erasure.services import erase_revoked
from dataset_export.models import AuditEntry, Exclusion, ReviewStatistics, Shard, Snapshot
from dataset_export.pipeline.recipe import CONVERSATIONS_DEFAULT
from dataset_export.publication.services import approve_and_publish, reject_snapshot
from dataset_export.review import statistics, warnings
from dataset_export.review.charts import bars, column_chart, labelled_places
from dataset_export.review.comparison import difference, recipe_changes
from dataset_export.review.exclusions import exclude_selection as leave
from dataset_export.review.mail import notify_creator
from dataset_export.review.previews import blocks_with, sample_rows, split_replacements
from dataset_export.review.row_index import FileSpan, file_spans, skip_removed
from dataset_export.review.search import RowQuery, search_rows
from dataset_export.review.spot_check import residual_pii
from dataset_export.review.statistics import (
    by_time,
    compute_missing,
    get_review_statistics,
    lorenz_curve,
)
from dataset_export.review.warnings import warnings as all_warnings
from dataset_export.roles import sync_roles
from posts.services import delete_post
from tests.dataset_export.pipeline.strategies import hostile_text
from tests.dataset_export.snapshots import built, published
from tests.factories import ALL_IN_TRAIN, evaluation_list, grant, person, post, recipe, withdraw
from tests.threads import together

SNAPSHOTS = "/admin/dataset_export/snapshot"
WORDS = ("oven", "river", "ladder", "winter", "garden", "button", "harbour", "candle")


def browser_of(username: str, group: str | None) -> Client:
    sync_roles()
    someone = User.objects.filter(username=username).first() or person(username)
    User.objects.filter(pk=someone.pk).update(is_staff=True)
    if group:
        someone.groups.add(Group.objects.get(name=group))
    client = Client()
    client.force_login(someone)
    return client


@pytest.fixture
def reviewer(db) -> Client:
    return browser_of("reviewer", "Snapshot reviewers")


@pytest.fixture
def bakers(alice, bob) -> list:
    """Eight posts of two people, who share them."""
    written = []
    for author, end in ((alice, "and bread"), (bob, "over a long evening in spring")):
        for number, word in enumerate(WORDS[:4]):
            written.append(
                post(author, f"{author.username} wrote {number} times about the {word} {end}.")
            )
        grant(author)
    return written


@pytest.fixture
def made(bakers) -> Snapshot:
    """Three files of three rows at the most."""
    return built(recipe=recipe(3), by=person("builder"))


def texts(rows) -> list[str]:
    return [
        "".join(piece.text for message in row.messages for piece in message.pieces) for row in rows
    ]


def page(client: Client, snapshot: Snapshot, **query) -> str:
    return client.get(f"{SNAPSHOTS}/{snapshot.pk}/change/", query).content.decode()


def test_a_sample_is_drawn_from_all_files(made):
    assert len(file_spans(made)) == 3
    assert len(texts(sample_rows(made, 1))) == 8
    files = {row.place.shard_number for seed in range(5) for row in sample_rows(made, seed, size=2)}
    assert files == {0, 1, 2}


def test_a_sample_of_many_rows_reads_some_blocks_only():
    files = [FileSpan(Shard(rows=25_000), 0), FileSpan(Shard(rows=30), 25_000)]
    assert blocks_with(files, [3, 9_999, 20_001, 25_003]) == [
        range(10_000),
        range(20_000, 25_000),
        range(25_000, 25_030),
    ]


def test_rows_carry_the_records_of_their_own_posts(made, bakers):
    """After an erasure the numbers in a file are no longer those of the build."""
    delete_post(post=bakers[1])
    erase_revoked()
    made.refresh_from_db()
    by_id = {each.pk: each.text for each in bakers if each.pk is not None}
    rows = sample_rows(made, 1)
    assert len(rows) == 7
    for row, text in zip(rows, texts(rows), strict=True):
        assert by_id[row.messages[0].record.post_id] == text


@pytest.mark.parametrize(
    ("numbers", "vacant", "rows"),
    [
        ([0, 1, 2], [], [0, 1, 2]),
        ([0, 1, 2], [0], [1, 2, 3]),
        ([0, 1, 2], [1], [0, 2, 3]),
        ([0, 1], [0, 1, 2], [3, 4]),
        ([0, 3], [1, 2, 5], [0, 6]),
        ([1], [9], [1]),
    ],
)
def test_numbers_of_a_file_and_of_the_build(numbers, vacant, rows):
    assert skip_removed(numbers, vacant) == rows


@given(st.sets(st.integers(0, 40)))
def test_vacant_numbers_are_the_ones_left_over(vacant):
    present = [row for row in range(60) if row not in vacant]
    assert skip_removed(list(range(len(present))), sorted(vacant)) == present


def test_what_was_replaced_is_marked(reviewer, alice):
    post(alice, "Write to me at jane@example.org, dear @bob, about the 🌻 <b>ladder</b>.")
    grant(alice)
    text = page(reviewer, built())
    assert "<mark>&lt;email&gt;<small>email</small></mark>" in text
    assert re.search(
        r"<mark>@[0-9a-f]{12}<small>mention</small></mark>, about the 🌻 &lt;b&gt;ladder", text
    )


@given(hostile_text, st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30)), max_size=4))
def test_no_letter_is_lost_between_marks(text, spans):
    found = split_replacements(
        text, [{"kind": "email", "start": start, "end": end} for start, end in spans]
    )
    assert "".join(piece.text for piece in found) == text


def test_a_conversation_is_shown_as_a_thread(reviewer, alice, bob):
    first = post(alice, "Who has seen the long ladder of the mill?")
    answer = post(bob, "It stands behind the oven since Tuesday.", reply_to=first)
    post(alice, "Thank you, there it is indeed, covered in flour.", reply_to=answer)
    for someone in (alice, bob):
        grant(someone)
    data = {
        **CONVERSATIONS_DEFAULT,
        "steps": [s for s in CONVERSATIONS_DEFAULT["steps"] if s["step"] != "split"],
    }
    made = built(recipe=recipe(50, data=data))
    (row,) = sample_rows(made, 1)
    assert [message.depth for message in row.messages] == [0, 1, 2]
    assert row.messages[0].record.post_id == first.pk
    assert row.choices[0][1] == "this conversation"
    assert len(row.choices) == 3
    assert "review-message--2" in page(reviewer, made)
    assert len(search_rows(made, RowQuery("LONG  ladder")).rows) == 1
    assert search_rows(made, RowQuery("ladder flour")).rows == []
    assert len(search_rows(made, RowQuery(language="en")).rows) == 1


def test_search(made):
    table = [
        (RowQuery("oven"), 2),
        (RowQuery("THE oven"), 2),
        (RowQuery("alice wrote"), 4),
        (RowQuery("."), 8),
        (RowQuery("(oven"), 0),
        (RowQuery("ove."), 0),
        (RowQuery(language="en"), 8),
        (RowQuery(language="de"), 0),
        (RowQuery("oven", label="none"), 2),
        (RowQuery("oven", label="no such label"), 0),
    ]
    for query, number in table:
        found = search_rows(made, query)
        assert len(found.rows) == number, query
        assert found.is_complete
        assert all(query.words.casefold() in text.casefold() for text in texts(found.rows))


def test_a_search_goes_no_further_than_its_time_and_then_on(made):
    """With no time at all, a page is one group of rows, and nothing is found twice or passed over."""
    found, start, pages = [], 0, 0
    while True:
        result = search_rows(made, RowQuery("wrote"), start, seconds=-1)
        found += texts(result.rows)
        start, pages = result.end, pages + 1
        if result.is_complete:
            break
    assert (pages, len(found), len(set(found))) == (3, 8, 8)


def test_a_search_stops_at_a_full_page(monkeypatch, made):
    monkeypatch.setattr("dataset_export.review.search.MAX_RESULTS", 2)
    first = search_rows(made, RowQuery("wrote"))
    second = search_rows(made, RowQuery("wrote"), first.end)
    assert (len(first.rows), first.end, len(second.rows), second.end) == (2, 2, 2, 4)
    assert not set(texts(first.rows)) & set(texts(second.rows))


def test_a_search_finds_nothing_that_is_withheld(reviewer, made, alice):
    withdraw(alice)
    address = f"{SNAPSHOTS}/{made.pk}/rows/"
    text = reviewer.get(address, {"words": "wrote"}).content.decode()
    assert "bob wrote" in text
    assert "alice wrote" not in text


def test_any_start_gives_a_page(reviewer, made):
    for start in ("-1", "abc", "9" * 30, "99999", ""):
        answer = reviewer.get(f"{SNAPSHOTS}/{made.pk}/rows/", {"words": "(", "from": start})
        assert answer.status_code == 200, start


def test_what_was_counted_holds_for_one_manifest(made, alice):
    counted = get_review_statistics(made)
    assert (counted["rows"], counted["authors"], sum(rows for _, rows in counted["days"])) == (
        8,
        2,
        8,
    )
    assert compute_missing() == 0
    withdraw(alice)
    erase_revoked()
    made.refresh_from_db()
    assert compute_missing() == 1
    assert get_review_statistics(made)["rows"] == 4
    assert ReviewStatistics.objects.count() == 1


def test_many_rows_are_left_to_a_worker(monkeypatch, reviewer, made):
    monkeypatch.setattr(statistics, "FEW_ROWS", 7)
    text = page(reviewer, made)
    assert "Counting rows" in text
    address = f"{SNAPSHOTS}/{made.pk}/standing/"
    assert "HX-Refresh" not in reviewer.get(address).headers
    compute_missing()
    assert reviewer.get(address)["HX-Refresh"] == "true"
    assert "No evaluation texts were blocked" in page(reviewer, made)


def test_nothing_that_was_counted_holds_a_text(made):
    get_review_statistics(made)
    assert "wrote" not in str(ReviewStatistics.objects.get().data)


def test_the_page_asks_the_database_as_often_for_many_rows(reviewer, bakers, alice):
    few = built("few", recipe=recipe(50))
    for number, word in enumerate(WORDS):
        post(alice, f"{number} words more about the {word}, which nobody had expected of anybody.")
    many = built("many", recipe=recipe(50))
    numbers = []
    for each in (few, many):
        page(reviewer, each)
        with CaptureQueriesContext(connection) as queries:
            page(reviewer, each)
        numbers.append(len(queries))
    assert numbers[0] == numbers[1]


@pytest.mark.parametrize(
    ("days", "labels"),
    [
        ([], []),
        ([(20_000, 3)], ["2024-09-30"]),
        ([(20_000, 3), (20_010, 1)], ["2024-09-30", "2024-10-07", "2024-10-14"]),
        (
            [(20_000, 3), (20_200, 1)],
            ["2024-10", "2024-11", "2024-12", "2025-01", "2025-02", "2025-03", "2025-04"],
        ),
        ([(16_000, 3), (20_000, 1)], [str(year) for year in range(2013, 2025)]),
    ],
)
def test_posts_over_time(days, labels):
    found = by_time(days)
    assert [label for label, _ in found] == labels
    assert sum(rows for _, rows in found) == sum(rows for _, rows in days)


@pytest.mark.parametrize(
    ("shares", "at_half", "at_first"),
    [([(5, 10)], 0.5, 0.001), ([(90, 1), (10, 1)], 0.9, 0.0018), ([(1, 1)], 0.5, 0.001)],
)
def test_the_curve_of_the_authors(shares, at_half, at_first):
    curve = dict(lorenz_curve(shares))
    assert curve[0.5] == pytest.approx(at_half)
    assert curve[0.001] == pytest.approx(at_first)
    assert curve[1.0] == pytest.approx(1)
    assert lorenz_curve([]) == []


def test_pictures_say_in_words_what_they_show():
    chart = bars("languages", "Languages", {"en": 75, "de": 25, "fr": 0})
    assert chart.description == "en 75 (75.0 %), de 25 (25.0 %); 100 in all."
    assert chart.table == [("en", "75", "75.0 %"), ("de", "25", "25.0 %")]
    assert [float(shape.width) for shape in chart.shapes] == [270, 90]
    assert bars("none", "None", {}).table == []
    assert [float(shape.height) for shape in column_chart("a", "A", {"1": 4, "2": 1}).shapes] == [
        150,
        37.5,
    ]


@pytest.mark.parametrize(
    ("labels", "places"),
    [
        ([], set()),
        (["2024"], {0}),
        (["2024-10-01"] * 10, {0, 3, 6}),
        (["0", "1", "2"], {0, 1, 2}),
        (["x" * 60], set()),
    ],
)
def test_names_below_columns_have_room(labels, places):
    assert labelled_places(labels) == places


def test_each_picture_has_title_and_table(reviewer, made):
    text = page(reviewer, made)
    pictures = re.findall(r"<svg.*?</svg>", text, re.DOTALL)
    charts = [picture for picture in pictures if 'role="img"' in picture]
    assert len(charts) >= 5
    assert text.count("<summary>Data<span") == len(charts)
    for chart in charts:
        for named in re.search(r'aria-labelledby="([^"]+)"', chart)[1].split():
            assert f'id="{named}"' in chart
        assert "style=" not in chart


def test_the_difference_to_what_was_published_before(made, reviewer, alice, bob):
    approve_and_publish(snapshot=made, by=person(), manifest_sha256=made.manifest_sha256)
    for number in range(3):
        post(
            bob,
            f"Was für ein schöner Garten hinter dem alten Haus, sagt Nummer {number} der Leute dort.",
        )
    withdraw(alice)
    data = {**ALL_IN_TRAIN, "steps": [s for s in ALL_IN_TRAIN["steps"] if s["step"] != "safety"]}
    second = built(recipe=recipe(3, data=data))
    found = difference(second, get_review_statistics(second))
    posts, authors = found.moved
    assert posts[0] == "Posts"
    assert posts[2:] == ("4", "4")
    assert authors == ("Authors", "0", "1", "1")
    assert {change.label for change in found.languages} == {"de", "en"}
    assert len(found.recipe) == 1
    assert found.recipe[0].startswith("No longer there: Safety label.")
    text = page(reviewer, second)
    assert "Since words, version 1" in text
    assert difference(made, get_review_statistics(made)) is None


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ([], [], []),
        ([{"step": "author_cap", "posts": 10}], [{"step": "author_cap", "posts": 10}], []),
        (
            [{"step": "author_cap", "posts": 10}],
            [{"step": "author_cap", "posts": 5000}],
            ["Author cap: posts is 5,000, and was 10."],
        ),
        (
            [{"step": "quality", "limits": {"url_share": 0.5, "template": True}}],
            [{"step": "quality", "limits": {"template": False, "repetition": 0.7}}],
            [
                "Quality: repetition is 0.7, and was not set; template is off, and was on; "
                "url share is no longer set, and was 0.5."
            ],
        ),
        (
            [{"step": "normalise"}, {"step": "mentions"}],
            [{"step": "mentions"}, {"step": "normalise"}],
            ["The steps come in another order."],
        ),
        (
            [{"step": "decontaminate", "lists": "all"}],
            [{"step": "decontaminate", "lists": ["a", "b"]}],
            ["Evaluation texts: lists is a, b, and was all."],
        ),
    ],
)
def test_recipes_differ_in_words(old, new, says):
    assert recipe_changes(old, new) == says


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("Bread rises slowly at 7 in the morning, 1000 grams of it.", []),
        ("Write to jane at somewhere", []),
        ("jane.doe@example.org", ["email", "looks like an email address"]),
        ("jane (at) example.org", ["looks like an email address"]),
        ("call 7 30 12 34 56 78 90 now", ["looks like a telephone number"]),
        ("thanks @jane_doe for it", ["names a person by @"]),
    ],
)
def test_the_second_look(text, kinds):
    assert [
        kind
        for kind in residual_pii(text, "en", [])
        if kind in kinds or "looks" in kind or "names" in kind
    ] == kinds


def test_the_second_look_passes_over_what_was_replaced():
    text = "thanks @0123456789ab for it"
    assert residual_pii(text, "en", [{"kind": "mention", "start": 7, "end": 20}]) == []


def test_personal_data_that_is_left_stands_out_with_its_rows(reviewer, alice):
    post(alice, "Drawn were the numbers 3 8 12 17 22 31 40 44 for whoever has them.")
    post(alice, "Bread rises slowly where the oven stands in the cold.")
    grant(alice)
    made = built()
    text = page(reviewer, made)
    assert "What may be personal data is left in 1 of 2 rows" in text
    shown = page(reviewer, made, about=warnings.PERSONAL_DATA)
    assert "Drawn were the numbers" in shown
    assert "Bread rises" not in shown


def test_an_ordinary_snapshot_has_nothing_that_stands_out(alice, reviewer):
    evaluation_list()
    post(alice, "Bread rises slowly where the oven stands in the cold.")
    grant(alice)
    made = built(recipe=recipe(50, data=ALL_IN_TRAIN))
    assert all_warnings(made, get_review_statistics(made)) == []
    assert "No warnings: no language or author dominates" in page(reviewer, made)


def test_a_snapshot_without_evaluation_lists_says_so(made, reviewer):
    titles = [warning.title for warning in all_warnings(made, get_review_statistics(made))]
    assert titles == ["No evaluation texts were blocked"]
    assert "No evaluation texts were blocked" in page(reviewer, made)


@pytest.mark.parametrize(
    ("languages", "titles"),
    [
        ({"en": 40, "de": 40, "fr": 20}, []),
        ({"en": 50, "de": 50}, []),
        ({"en": 51, "de": 49}, ["en dominates"]),
        ({"en": 40, "und": 21, "de": 39}, ["The language of 21% of the posts is unknown"]),
        ({"en": 40, "und": 20, "de": 40}, []),
        ({"und": 100}, ["The language of 100% of the posts is unknown"]),
        ({"en": 99}, []),
        ({}, []),
    ],
)
def test_warnings_of_languages(languages, titles):
    assert [warning.title for warning in warnings.of_languages(languages)] == titles


@pytest.mark.parametrize(
    ("most", "rows", "authors", "warns"),
    [
        (6, 100, 20, True),
        (5, 100, 20, False),
        (90, 99, 20, False),
        (90, 100, 19, False),
        (0, 0, 0, False),
    ],
)
def test_warnings_of_authors(most, rows, authors, warns):
    counted = {
        "rows": rows,
        "authors": authors,
        "most": {"record": 1, "rows": most} if most else None,
    }
    assert bool(list(warnings.of_authors(counted))) is warns


@pytest.mark.parametrize(
    ("before", "now", "titles"),
    [
        (100, 300, []),
        (100, 301, ["Unusual growth"]),
        (301, 100, ["Unusually small"]),
        (300, 100, []),
        (5, 50, []),
        (0, 100, ["Unusual growth"]),
    ],
)
def test_warnings_of_growth(monkeypatch, before, now, titles):
    def with_posts(number: int) -> Snapshot:
        return Snapshot(name="words", manifest_json=b'{"counts": {"kept": %d}}' % number)

    monkeypatch.setattr(warnings, "previous_published", lambda snapshot: with_posts(before))
    assert [warning.title for warning in warnings.of_growth(with_posts(now))] == titles


def test_an_empty_split_stands_out(alice):
    post(alice, "Bread rises slowly where the oven stands in the cold.")
    grant(alice)
    data = {
        **ALL_IN_TRAIN,
        "steps": [*ALL_IN_TRAIN["steps"], {"step": "split", "test": 0.0001, "validation": 0.0001}],
    }
    made = built(recipe=recipe(50, data=data))
    titles = {warning.title for warning in all_warnings(made, get_review_statistics(made))}
    assert titles == {
        "The split test is empty",
        "The split validation is empty",
        "No evaluation texts were blocked",
    }


def leave_out(
    client: Client, snapshot: Snapshot, choice: str, reason: str = "Shouts at people"
) -> str:
    form = {"choice": choice, "reason": reason}
    return client.post(f"{SNAPSHOTS}/{snapshot.pk}/leave-out/", form, follow=True).content.decode()


@pytest.mark.parametrize(("whose", "left"), [("row", 7), ("author", 4)])
def test_what_is_left_out_is_gone_at_once_and_the_next_manifest_is_approved(
    reviewer, made, whose, left
):
    old = made.manifest_sha256
    row = sample_rows(made, 1)[0]
    text = leave_out(reviewer, made, f"{whose} {row.messages[0].record.pk}")
    assert "being rewritten" in text
    assert texts([row])[0] not in text
    assert "act/approve/" not in text
    assert Exclusion.objects.get().by.username == "reviewer"
    entry = AuditEntry.objects.get(act="row_excluded")
    assert (entry.actor, entry.detail["whole_author"]) == ("reviewer", whose == "author")
    assert "Shouts" not in str(entry.detail)
    erase_revoked()
    made.refresh_from_db()
    assert made.manifest_sha256 != old
    assert len(sample_rows(made, 1)) == left
    approve = f"{SNAPSHOTS}/{made.pk}/act/approve/"
    assert (
        "has changed since"
        in reviewer.post(approve, {"manifest_sha256": old}, follow=True).content.decode()
    )
    assert f'value="{made.manifest_sha256}"' in page(reviewer, made)
    reviewer.post(approve, {"manifest_sha256": made.manifest_sha256})
    made.refresh_from_db()
    assert made.state == "published"


def test_a_row_that_is_not_there_is_not_left_out(reviewer, made):
    for choice in ("", "row", "row 0", "row 99999999", "post 1", "row 1 ", "row " + "9" * 30):
        assert "no longer exists" in leave_out(reviewer, made, choice), choice
    assert not Exclusion.objects.exists()


def test_leaving_out_needs_a_reason_and_a_row_of_this_snapshot(reviewer, made):
    record = made.provenance.earliest("pk")
    assert "Say why" in leave_out(reviewer, made, f"row {record.pk}", " \n")
    other = built("other")
    assert "no longer exists" in leave_out(reviewer, other, f"row {record.pk}")
    leave_out(reviewer, made, f"row {record.pk}")
    assert "Already excluded" in leave_out(reviewer, made, f"row {record.pk}")


def test_whoever_made_it_reads_why_it_was_turned_down(reviewer, made):
    reviewer.post(
        f"{SNAPSHOTS}/{made.pk}/act/reject/", {"reason": "Too many recipes & <b>menus</b>"}
    )
    notify_creator(made.pk)
    (letter,) = mail.outbox
    assert letter.to == ["builder@example.org"]
    assert "Rejected by reviewer: Too many recipes & <b>menus</b>" in letter.body
    text = page(browser_of("builder", "Snapshot builders"), made)
    assert "Too many recipes &amp; &lt;b&gt;menus" in text
    assert "wrote about" not in text


def test_nobody_is_told_of_what_was_not_turned_down(made):
    notify_creator(made.pk)
    assert mail.outbox == []


@pytest.mark.parametrize(
    ("group", "reads", "acts"),
    [
        ("Snapshot builders", 200, 403),
        ("Snapshot reviewers", 200, 302),
        ("Auditors", 200, 403),
        ("Access managers", 403, 403),
        (None, 403, 403),
    ],
)
def test_who_may_look_and_who_may_act(made, group, reads, acts):
    client = browser_of("somebody", group)
    address = f"{SNAPSHOTS}/{made.pk}"
    for part in ("change/", "body/", "standing/", "rows/?words=bread"):
        assert client.get(f"{address}/{part}").status_code == reads, part
    choice = {"choice": f"row {made.provenance.earliest('pk').pk}", "reason": "Rude"}
    assert client.post(f"{address}/leave-out/", choice).status_code == acts
    assert Exclusion.objects.exists() is (acts == 302)
    for act in ("withdraw", "reject", "approve"):
        assert client.post(f"{address}/act/{act}/", {"manifest_sha256": "0"}).status_code == acts, (
            act
        )
    made.refresh_from_db()
    assert made.state == "in_review"
    if reads == 200 and acts == 403:
        assert "leave-out/" not in page(client, made)
        assert "act/approve" not in page(client, made)


def test_visitors_and_members_are_sent_to_sign_in(made, charlie):
    member = Client()
    member.force_login(charlie)
    for client in (Client(), member):
        for part in ("change/", "rows/", "standing/"):
            assert client.get(f"{SNAPSHOTS}/{made.pk}/{part}").status_code == 302


def test_leaving_out_is_no_get(reviewer, made):
    assert reviewer.get(f"{SNAPSHOTS}/{made.pk}/leave-out/").status_code == 405


def test_the_page_tells_who_did_what(reviewer, made):
    reviewer.post(f"{SNAPSHOTS}/{made.pk}/act/approve/", {"manifest_sha256": made.manifest_sha256})
    reviewer.post(f"{SNAPSHOTS}/{made.pk}/act/withdraw/", {"reason": "A mistake in the recipe"})
    text = " ".join(page(reviewer, made).split())
    for told in (
        "Snapshot created by builder",
        "Snapshot approved by reviewer",
        "Snapshot unpublished by reviewer",
    ):
        assert told in text
    assert made.manifest_sha256[:16] in text


def built_of_one() -> Snapshot:
    author = person()
    for number, word in enumerate(WORDS):
        post(author, f"{number} words about the {word}, as told by the baker.")
    grant(author)
    return built()


@pytest.mark.django_db(transaction=True)
def test_of_two_reviewers_one_wins_and_the_other_is_told():
    made = built_of_one()
    first, second = person("first"), person("second")
    digest = made.manifest_sha256

    def approve(by: User):
        return lambda: approve_and_publish(snapshot=made, by=by, manifest_sha256=digest)

    answers = together(
        [
            approve(first),
            lambda: reject_snapshot(snapshot=made, by=second, reason="Too small"),
        ]
    )
    refused = [answer for answer in answers if answer is not None]
    assert len(refused) == 1
    assert isinstance(refused[0], SnapshotError)
    made.refresh_from_db()
    assert (
        str(refused[0]) == f"{made} is {made.get_state_display().lower()}; that cannot be done now."
    )
    assert (
        AuditEntry.objects.filter(act__in=["snapshot_approved", "snapshot_rejected"]).count() == 1
    )


@pytest.mark.django_db(transaction=True)
def test_a_row_left_out_and_an_approval_at_once_never_publish_the_row():
    made = built_of_one()
    record, digest = made.provenance.earliest("pk"), made.manifest_sha256
    one, other = person("one"), person("other")
    together(
        [
            lambda: approve_and_publish(snapshot=made, by=one, manifest_sha256=digest),
            lambda: leave(snapshot=made, choice=f"row {record.pk}", reason="Rude", by=other),
        ]
    )
    erase_revoked()
    made.refresh_from_db()
    assert len(sample_rows(made, 1)) == len(WORDS) - 1
    assert made.state in ("in_review", "published")


def test_a_published_snapshot_can_lose_a_row_and_stays_published(reviewer, bakers):
    made = published(recipe=recipe(3))
    leave_out(reviewer, made, f"row {made.provenance.earliest('pk').pk}")
    erase_revoked()
    made.refresh_from_db()
    assert made.state == "published"
    assert len(sample_rows(made, 1)) == 7
