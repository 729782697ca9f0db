"""Recipes, drafts and the review page in the admin."""

import json
import re

import pytest
from django.contrib.auth.models import Group
from django.test import Client

from accounts.models import User
from dataset_export.builds.recipes import ensure_recipes
from dataset_export.models import Recipe, Snapshot
from dataset_export.pipeline.recipe import PRETRAINING_DEFAULT
from dataset_export.publication.services import approve_and_publish
from dataset_export.roles import sync_roles
from posts.models import Post
from tests.dataset_export.snapshots import built
from tests.factories import grant, person, post, recipe, snapshot, withdraw

RECIPES = "/admin/dataset_export/recipe"
SNAPSHOTS = "/admin/dataset_export/snapshot"


def browser_of(username: str, group: str | None = None, **fields) -> Client:
    sync_roles()
    someone = person(username, is_staff=True, **fields)
    if group:
        someone.groups.add(Group.objects.get(name=group))
    client = Client()
    client.force_login(someone)
    return client


@pytest.fixture
def root(db) -> Client:
    return browser_of("root", is_superuser=True)


@pytest.fixture
def builder(db) -> Client:
    return browser_of("builder", "Snapshot builders")


@pytest.fixture
def reviewer(db) -> Client:
    return browser_of("reviewer", "Snapshot reviewers")


@pytest.fixture
def made(alice, bob) -> Snapshot:
    for author in (alice, bob):
        for number in range(3):
            post(
                author,
                f"The words of somebody, number {number} of some about <b>bread</b>, said {author.pk}.",
            )
        grant(author)
    return built(by=User.objects.filter(username="builder").first())


def steps(*steps) -> dict:
    return {**PRETRAINING_DEFAULT, "steps": list(steps)}


CONSENT, AUTHORSHIP = {"step": "consent"}, {"step": "authorship", "allow": ["human"]}


@pytest.mark.parametrize(
    ("data", "says"),
    [
        ("not json", "Invalid JSON at line 1, column 1: Expecting value."),
        ("", "required"),
        ("[]", "a recipe must be an object"),
        ("7", "a recipe must be an object"),
        ("{}", "required"),
        ('{"steps": [{"step": "consent"}]}', "shards: is required"),
        (steps(), "steps: must be a list with at least one step"),
        (steps(AUTHORSHIP), "steps[0].step: must be consent"),
        (steps(CONSENT), "steps: must hold authorship"),
        (
            steps(CONSENT, {"step": "authorship", "allow": ["automated"]}),
            "steps[1].allow: may hold human, assisted only",
        ),
        (steps(CONSENT, {"step": "authorship"}), "steps[1].allow: is required"),
        (steps(CONSENT, AUTHORSHIP, {"step": "magic"}), "steps[2].step: must be one of"),
        (
            steps(CONSENT, AUTHORSHIP, {"step": "language", "minimum_confidence": 2}),
            "steps[2].minimum_confidence: must",
        ),
        (steps(CONSENT, AUTHORSHIP, CONSENT), "steps[2].step: consent comes twice"),
        (steps(CONSENT, AUTHORSHIP, {"step": "normalise", "x": 1}), "steps[2].x: is not known"),
        (steps(CONSENT, AUTHORSHIP, "normalise"), "steps[2]: must be an object"),
        ({**PRETRAINING_DEFAULT, "shards": {"rows": 0}}, "shards.rows: must be a whole number"),
        ({**PRETRAINING_DEFAULT, "shards": {"rows": "50"}}, "shards.rows: must be a whole number"),
        ({**PRETRAINING_DEFAULT, "more": 1}, "more: is not known"),
        ('{"steps": NaN, "shards": {"rows": 1}}', "steps: must be a list"),
        ('{"a\\u0000": 1}', "is not known"),
    ],
)
def test_a_recipe_with_a_mistake_is_refused_and_the_place_named(root, data, says):
    text = data if isinstance(data, str) else json.dumps(data)
    page = root.post(f"{RECIPES}/add/", {"name": "mine", "version": 1, "data": text})
    assert page.status_code == 200
    assert says in str(page.context["errors"])
    assert not Recipe.objects.exists()


def test_a_good_recipe_is_taken_and_a_version_is_made_once(builder):
    form = {"name": "mine", "version": 1, "data": json.dumps(PRETRAINING_DEFAULT)}
    assert builder.post(f"{RECIPES}/add/", form).status_code == 302
    assert Recipe.objects.get().data == PRETRAINING_DEFAULT
    assert builder.post(f"{RECIPES}/add/", form).status_code == 200
    assert Recipe.objects.count() == 1


@pytest.mark.parametrize("name", ["Mine", "a b", "ä", ""])
def test_names_of_recipes(root, name):
    assert (
        root.post(
            f"{RECIPES}/add/", {"name": name, "version": 1, "data": json.dumps(PRETRAINING_DEFAULT)}
        ).status_code
        == 200
    )
    assert not Recipe.objects.exists()


def test_a_new_recipe_begins_with_the_newest_as_its_next_version(builder):
    ensure_recipes()
    form = builder.get(f"{RECIPES}/add/").context["adminform"].form
    data = {"name": form.initial["name"], "version": "", "data": form["data"].value()}
    assert builder.post(f"{RECIPES}/add/", data).status_code == 302
    first, second = Recipe.objects.filter(name="pretraining-default").order_by("version")
    assert (second.version, second.data) == (2, first.data)


def test_a_recipe_that_was_used_stays_as_it_is(root, db):
    used = recipe()
    form = {
        "name": "other",
        "version": 7,
        "data": json.dumps({**PRETRAINING_DEFAULT, "shards": {"rows": 9}}),
    }
    snapshot(recipe=used)
    before = Recipe.objects.values().get()
    root.post(f"{RECIPES}/{used.pk}/change/", form)
    assert Recipe.objects.values().get() == before
    assert root.post(f"{RECIPES}/{used.pk}/delete/", {"post": "yes"}).status_code == 403
    root.post(
        f"{RECIPES}/", {"action": "delete_selected", "_selected_action": [used.pk], "post": "yes"}
    )
    assert Recipe.objects.exists()


def test_a_recipe_that_was_not_used_can_be_put_right(root, db):
    unused = recipe()
    form = {
        "name": unused.name,
        "version": 1,
        "data": json.dumps({**PRETRAINING_DEFAULT, "shards": {"rows": 9}}),
    }
    assert root.post(f"{RECIPES}/{unused.pk}/change/", form).status_code == 302
    assert Recipe.objects.get().data["shards"] == {"rows": 9}


def draft(**fields) -> dict:
    return {"name": "words", "purpose": "pretraining", "recipe": recipe().pk, **fields}


def test_a_draft_is_made_and_a_name_that_exists_gets_its_next_revision(builder):
    for revision in (1, 2):
        answer = builder.post(f"{SNAPSHOTS}/add/", draft())
        made = Snapshot.objects.get(version=revision)
        assert answer["Location"] == f"{SNAPSHOTS}/{made.pk}/change/"
        assert (made.state, made.created_by.username) == ("draft", "builder")
    assert len({bytes(one.pseudonym_key) for one in Snapshot.objects.all()}) == 1


@pytest.mark.parametrize(
    "fields", [{"name": "Two Words"}, {"name": ""}, {"purpose": "all"}, {"recipe": ""}], ids=str
)
def test_a_draft_with_a_mistake_is_refused(builder, fields):
    assert builder.post(f"{SNAPSHOTS}/add/", draft(**fields)).status_code == 200
    assert not Snapshot.objects.exists()


def test_a_name_keeps_its_purpose(builder):
    snapshot("words", "evaluation")
    page = builder.post(f"{SNAPSHOTS}/add/", draft())
    assert "This name is for Evaluation." in page.content.decode()
    assert Snapshot.objects.count() == 1


def test_from_the_draft_to_the_published_snapshot(builder, reviewer, made):
    page = reviewer.get(f"{SNAPSHOTS}/{made.pk}/change/").content.decode()
    digest = re.search(r'name="manifest_sha256" value="(\w+)"', page)[1]
    answer = reviewer.post(
        f"{SNAPSHOTS}/{made.pk}/act/approve/", {"manifest_sha256": digest}, follow=True
    )
    assert "Approved and published." in answer.content.decode()
    made.refresh_from_db()
    assert (made.state, made.approved_by.username) == ("published", "reviewer")
    assert (
        "Approved and published."
        in reviewer.get(f"{SNAPSHOTS}/{made.pk}/history/").content.decode()
    )


def test_the_maker_is_offered_no_approval(root, made):
    Snapshot.objects.filter(pk=made.pk).update(created_by=User.objects.get(username="root"))
    page = root.get(f"{SNAPSHOTS}/{made.pk}/change/").content.decode()
    assert "act/approve/" not in page
    answer = root.post(
        f"{SNAPSHOTS}/{made.pk}/act/approve/",
        {"manifest_sha256": made.manifest_sha256},
        follow=True,
    ).content.decode()
    # The note of the page, and the message about the attempt.
    assert answer.count("so a second person has to approve it") == 2
    made.refresh_from_db()
    assert made.state == "in_review"


@pytest.mark.parametrize("state", Snapshot.State.values)
def test_the_page_offers_only_what_will_be_done(builder, reviewer, made, state):
    """Every button that a person is shown leads to an act that this person may do in this state."""
    Snapshot.objects.filter(pk=made.pk).update(
        state=state, approved_at=made.built_at, published_at=made.built_at
    )
    if state == "draft":
        made.tasks.all().delete()
    for client in (builder, reviewer):
        page = client.get(f"{SNAPSHOTS}/{made.pk}/change/")
        assert page.status_code == 200
        # In this order what turning down erases is approved before.
        for act in sorted(set(re.findall(r"/act/(\w+)/", page.content.decode()))):
            made.refresh_from_db()
            before = made.state
            form = {"reason": "Too little", "manifest_sha256": made.manifest_sha256}
            answer = client.post(f"{SNAPSHOTS}/{made.pk}/act/{act}/", form)
            assert answer.status_code == 302, (state, act)
            made.refresh_from_db()
            assert made.state != before, (state, act)
            Snapshot.objects.filter(pk=made.pk).update(state=state)
            if state == "draft":
                made.tasks.all().delete()


def test_turning_down_needs_a_reason(reviewer, made):
    address = f"{SNAPSHOTS}/{made.pk}/act/reject/"
    for reason in ("", "   ", "\x00"):
        assert "Say why" in reviewer.post(address, {"reason": reason}, follow=True).content.decode()
    made.refresh_from_db()
    assert made.state == "in_review"
    assert (
        "<b>why"
        not in reviewer.post(
            address, {"reason": "That is <b>why\x00"}, follow=True
        ).content.decode()
    )
    made.refresh_from_db()
    assert made.error == "Rejected by reviewer: That is <b>why"


def test_taking_back_needs_a_reason_which_the_page_keeps(reviewer, made):
    approve_and_publish(snapshot=made, by=person(), manifest_sha256=made.manifest_sha256)
    address = f"{SNAPSHOTS}/{made.pk}/act/withdraw/"
    assert "Say why" in reviewer.post(address, {"reason": " "}, follow=True).content.decode()
    made.refresh_from_db()
    assert made.state == "published"
    page = reviewer.post(
        address, {"reason": "It quotes a <b>letter."}, follow=True
    ).content.decode()
    assert "Snapshot unpublished by reviewer: It quotes a &lt;b&gt;letter." in page
    made.refresh_from_db()
    assert made.state == "withdrawn"


def test_the_sample_can_be_drawn_again_and_is_shown_as_text(reviewer, made):
    address = f"{SNAPSHOTS}/{made.pk}/change/"
    first, again, other = (
        reviewer.get(f"{address}?seed={seed}").context["sample"] for seed in (3, 3, 4)
    )
    assert first == again
    assert {row.id for row in first} == {row.id for row in other}
    page = reviewer.get(address).content.decode()
    assert "&lt;b&gt;bread&lt;/b&gt;" in page
    assert "<b>bread" not in page


@pytest.mark.parametrize("seed", ["", "abc", "-1", "9" * 5000, "٣", "1e9"])
def test_any_seed_gives_a_page(reviewer, made, seed):
    assert reviewer.get(f"{SNAPSHOTS}/{made.pk}/change/", {"seed": seed}).status_code == 200


def test_what_was_withdrawn_since_is_counted_and_not_shown(reviewer, made, alice):
    address = f"{SNAPSHOTS}/{made.pk}/change/"
    assert len(reviewer.get(address).context["sample"]) == 6
    withdraw(alice)
    page = reviewer.get(address)
    assert page.context["withheld"] == 3
    assert len(page.context["sample"]) == 3
    assert f"said {alice.pk}" not in page.content.decode()
    digest = {"manifest_sha256": made.manifest_sha256}
    answer = reviewer.post(f"{SNAPSHOTS}/{made.pk}/act/approve/", digest, follow=True)
    assert "may not be used any more" in answer.content.decode()


def test_snapshots_and_decisions_cannot_be_edited_by_anybody(root, made):
    before = Snapshot.objects.values().get()
    assert root.post(f"{SNAPSHOTS}/{made.pk}/change/", {"state": "published"}).status_code in (
        200,
        405,
    )
    assert root.post(f"{SNAPSHOTS}/{made.pk}/delete/", {"post": "yes"}).status_code == 403
    assert Snapshot.objects.values().get() == before
    for address in ("consentevent/0", "notice/1"):
        for act in ("change", "delete"):
            assert root.post(f"/admin/consent/{address}/{act}/", {"post": "yes"}).status_code in (
                302,
                403,
            )


def test_a_suspension_in_the_admin_is_seen_by_the_gate(root, made, alice):
    page = root.get(f"/admin/accounts/user/{alice.pk}/change/")
    form = {
        key: value
        for key, value in page.context["adminform"].form.initial.items()
        if value not in (None, False)
    }
    form |= {"suspended_at_0": "2026-01-01", "suspended_at_1": "12:00:00"}
    form = {
        key: value
        for key, value in form.items()
        if key not in ("groups", "user_permissions", "password")
    }
    assert root.post(f"/admin/accounts/user/{alice.pk}/change/", form).status_code == 302
    alice.refresh_from_db()
    assert alice.suspended_at is not None
    assert reviewer_sees_withheld(root, made) == 3


def test_nobody_else_says_who_reads_a_post_or_who_wrote_it(root, alice):
    """Either would let an author's yes reach a post that it was not given for."""
    mine = post(alice, visibility="followers", authorship="assisted")
    form = {"visibility": "public", "authorship": "human"}
    root.post(f"/admin/posts/post/{mine.pk}/change/", form)
    mine.refresh_from_db()
    assert (mine.visibility, mine.authorship) == ("followers", "assisted")


def test_a_post_deleted_in_the_admin_is_withheld_where_it_was_read(root, made, alice):
    mine = Post.objects.filter(author=alice).order_by("pk").first()
    assert root.post(f"/admin/posts/post/{mine.pk}/delete/", {"post": "yes"}).status_code == 302
    assert reviewer_sees_withheld(root, made) == 1


def reviewer_sees_withheld(client: Client, made: Snapshot) -> int:
    return client.get(f"{SNAPSHOTS}/{made.pk}/change/").context["withheld"]
