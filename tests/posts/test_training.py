"""What may be done with single posts: in the composer, from the menu, and for many at once."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from consent.models import BulkDecision, ConsentEvent
from consent.notices import current_notices
from consent.purposes import Purpose
from consent.selectors import get_consent_status, ledger_size
from consent.services import (
    BulkUndoError,
    decide_in_bulk,
    record_post_decisions,
    undo_bulk,
    withdraw_all,
)
from dataset_export.eligibility import exportable_posts
from posts.models import Post
from posts.presentation.training_status import training_status
from tests.factories import grant, post, withdraw


def exported(purpose: str = "pretraining") -> set[Post]:
    return set(exportable_posts(purpose))


def choose(user, one: Post, choice) -> list[ConsentEvent]:
    return record_post_decisions(user=user, post_ids=[one.pk], choice=choice, source="settings")


def test_never_beats_every_yes_of_the_account(alice):
    kept, ruled_out = post(alice, "one"), post(alice, "two")
    grant(alice)
    choose(alice, ruled_out, "never")
    grant(alice, "evaluation")
    assert exported() == exported("evaluation") == {kept}
    mark = training_status(ruled_out, get_consent_status(alice.pk, [ruled_out.pk]))
    assert (mark.tone, mark.detail) == ("never", "You ruled out any use of this post.")


def test_one_purpose_for_one_post(alice):
    shared = post(alice, "one")
    post(alice, "two")
    grant(alice, "open_release")
    withdraw(alice, "open_release")
    choose(alice, shared, frozenset(["evaluation"]))
    assert exported("evaluation") == {shared}
    assert exported("open_release") == exported("pretraining") == set()


def test_as_my_settings_say_again(alice):
    one = post(alice)
    grant(alice)
    choose(alice, one, "never")
    choose(alice, one, "settings")
    assert exported() == {one}
    withdraw(alice)
    assert exported() == set()


def test_saying_the_same_again_writes_nothing(alice):
    one = post(alice)
    assert choose(alice, one, "settings") == []
    assert len(choose(alice, one, "never")) == len(Purpose.values)
    assert choose(alice, one, "never") == []


def test_withdraw_all_takes_back_every_yes_and_leaves_every_no(alice):
    one, two = post(alice, "one"), post(alice, "two")
    grant(alice)
    choose(alice, one, frozenset(["evaluation"]))
    choose(alice, two, "never")
    size = ledger_size()
    withdraw_all(user=alice)
    assert ledger_size() == size + 2
    assert [exported(purpose) for purpose in Purpose.values] == [set()] * 4
    assert withdraw_all(user=alice) == []


def test_the_composer_decides_with_the_post_or_not_at_all(client, alice):
    client.force_login(alice)
    response = client.post("/compose", {"text": "Shared", "training": "evaluation"})
    assert response.status_code == 422
    assert "18 or older" in response.content.decode()
    assert not Post.objects.exists()
    grant(alice)
    client.post("/compose", {"text": "Shared", "training": "evaluation"})
    client.post("/compose", {"text": "Kept", "training": "never"})
    assert {one.text for one in exported("evaluation")} == {"Shared"}
    assert {one.text for one in exported()} == {"Shared"}
    assert set(ConsentEvent.objects.filter(scope="post").values_list("source", flat=True)) == {
        "composer"
    }


@pytest.mark.parametrize(
    "kind", [{"visibility": "followers"}, {"visibility": "unlisted"}, {"authorship": "assisted"}]
)
def test_the_composer_takes_no_yes_for_what_is_never_used(client, alice, kind):
    grant(alice)
    size = ledger_size()
    client.force_login(alice)
    response = client.post("/compose", {"text": "Kept", "training": "evaluation", **kind})
    assert response.status_code == 422
    assert "for training" in str(response.context["form"].errors["training"])
    assert ledger_size() == size
    assert client.post("/compose", {"text": "Kept", "training": "never", **kind}).status_code == 302


def test_the_page_of_a_post_shows_and_changes_its_answer(client, alice):
    one = post(alice)
    grant(alice)
    client.force_login(alice)
    page = f"/posts/{one.pk}/training"
    assert "Shared: Pretraining" in client.get(page).content.decode()
    assert client.post(page, {"training": "never"}).status_code == 302
    assert client.get(page).context["form"].initial == {"training": "never", "purposes": []}
    client.post(page, {"training": "chosen", "purposes": ["evaluation"]})
    assert client.get(page).context["form"].initial == {
        "training": "chosen",
        "purposes": ["evaluation"],
    }
    assert exported("evaluation") == {one}


@pytest.mark.parametrize(
    "form", [{}, {"training": "x"}, {"training": "chosen"}, {"training": "chosen", "purposes": "x"}]
)
def test_an_unclear_answer_is_refused_next_to_the_field(client, alice, form):
    one = post(alice)
    grant(alice)
    size = ledger_size()
    client.force_login(alice)
    response = client.post(f"/posts/{one.pk}/training", form)
    assert response.status_code == 422
    assert "field__error" in response.content.decode()
    assert ledger_size() == size


@pytest.mark.parametrize("kind", [{"visibility": "followers"}, {"authorship": "assisted"}])
def test_what_is_never_used_says_why_and_asks_nothing(client, alice, kind):
    one = post(alice, **kind)
    client.force_login(alice)
    page = client.get(f"/posts/{one.pk}/training").content.decode()
    assert "never used for training" in page
    assert 'name="training"' not in page[page.index("Currently") : page.index("</main>")]
    client.post(f"/posts/{one.pk}/training", {"training": "never"})
    assert ledger_size() == 0


def test_nobody_decides_for_another(client, alice, charlie):
    one = post(alice)
    client.force_login(charlie)
    assert client.get(f"/posts/{one.pk}/training").status_code == 404
    assert client.post(f"/posts/{one.pk}/training", {"training": "never"}).status_code == 404
    assert ledger_size() == 0


def test_many_posts_by_tag_with_a_look_before(client, alice, bob):
    tagged = [post(alice, text) for text in ("#Bread rises", "see #bread, and more", "(#bread)")]
    for text in ("#breadcrumbs", "bread", "a#bread", "https://example.org/#bread"):
        post(alice, text)
    post(bob, "#bread")
    for someone in (alice, bob):
        grant(someone)
    before = exported()
    client.force_login(alice)
    form = {"tag": "#bread", "training": "never"}
    size = ledger_size()
    assert client.get("/settings/posts-training", form).context["count"] == len(tagged)
    assert ledger_size() == size
    client.post("/settings/posts-training", form)
    assert exported() == before - set(tagged)


def test_many_posts_before_a_day(client, alice):
    post(alice)
    client.force_login(alice)
    assert (
        client.get("/settings/posts-training?before=2020-01-01&training=never").context["count"]
        == 0
    )
    assert (
        client.get("/settings/posts-training?before=2999-01-01&training=never").context["count"]
        == 1
    )


@pytest.mark.parametrize(
    "form",
    [{}, {"tag": "("}, {"before": "soon"}, {"tag": "two words"}, {"tag": "x", "training": "y"}],
)
def test_an_unclear_bulk_answer_is_refused(client, alice, form):
    post(alice)
    client.force_login(alice)
    assert client.post("/settings/posts-training", {"training": "never", **form}).status_code == 422
    assert ledger_size() == 0


def test_undo_puts_back_what_stood_unless_it_was_decided_anew(alice):
    plain, chosen, later = post(alice, "one"), post(alice, "two"), post(alice, "three")
    grant(alice)
    choose(alice, chosen, frozenset(["evaluation"]))
    bulk = decide_in_bulk(
        user=alice, post_ids=[plain.pk, chosen.pk, later.pk], choice="never", description="All"
    )
    assert exported() == exported("evaluation") == set()
    choose(alice, later, frozenset(["open_release"]))
    undo_bulk(user=alice, bulk=bulk)
    assert exported() == {plain, chosen, later}
    assert exported("evaluation") == {chosen}
    assert exported("open_release") == {later}
    with pytest.raises(BulkUndoError):
        undo_bulk(user=alice, bulk=bulk)


def test_undo_brings_back_no_yes_after_a_no_to_everything(alice):
    one = post(alice)
    grant(alice, "open_release")
    choose(alice, one, frozenset(["pretraining"]))
    bulk = decide_in_bulk(user=alice, post_ids=[one.pk], choice="never", description="All")
    withdraw_all(user=alice)
    with pytest.raises(BulkUndoError):
        undo_bulk(user=alice, bulk=bulk)
    assert exported() == exported("open_release") == set()


def test_undo_asks_as_often_for_many_posts_as_for_one(alice):
    counts = []
    for number in (1, 20):
        posts = [post(alice, f"{number} {one}").pk for one in range(number)]
        bulk = decide_in_bulk(user=alice, post_ids=posts, choice="never", description="All")
        with CaptureQueriesContext(connection) as queries:
            undo_bulk(user=alice, bulk=bulk)
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_nobody_undoes_for_another(client, alice, charlie):
    one = post(alice)
    bulk = decide_in_bulk(user=alice, post_ids=[one.pk], choice="never", description="All")
    client.force_login(charlie)
    assert client.post(f"/settings/posts-training/{bulk.pk}/undo").status_code == 404
    assert BulkDecision.objects.get().undone_at is None


def test_a_first_yes_for_a_single_post_asks_for_the_age_on_the_same_page(client, alice):
    client.force_login(alice)
    page = f"/posts/{post(alice).pk}/training"
    refused = client.post(page, {"training": "chosen", "purposes": ["evaluation"]})
    assert (refused.status_code, list(refused.context["form"].errors)) == (422, ["adult"])
    assert not ConsentEvent.objects.exists()
    client.post(page, {"training": "chosen", "purposes": ["evaluation"], "adult": "on"})
    assert len(exported("evaluation")) == 1
    assert "adult" not in client.get(page).context["form"].fields


def test_a_purpose_that_was_ticked_without_a_yes_is_not_overlooked(client, alice):
    client.force_login(alice)
    page = f"/posts/{post(alice).pk}/training"
    response = client.post(page, {"training": "settings", "purposes": ["evaluation"]})
    assert (response.status_code, list(response.context["form"].errors)) == (422, ["training"])


def test_the_words_of_a_yes_stand_on_the_page_of_the_post(client, alice):
    client.force_login(alice)
    page = client.get(f"/posts/{post(alice).pk}/training").content.decode()
    assert all(notice.text in page for notice in current_notices().values())
