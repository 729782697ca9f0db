"""What an author reads about a post and the datasets: taken, left out, or not considered, each with its reason."""

import ast
import inspect
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from types import ModuleType

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from consent.services import record_post_decisions
from dataset_export import pipeline
from dataset_export.authors.outcomes import (
    DROPPED,
    INCLUDED,
    INELIGIBLE,
    built_snapshots,
    outcome_summaries,
    outcomes,
)
from dataset_export.builds.drop_reasons import CHANGES, DROP_REASONS, reason_for
from dataset_export.builds.services import start_build
from dataset_export.builds.stages import cap_authors, exact_dedup, verify
from dataset_export.models import DroppedPost
from dataset_export.pipeline import conversation_plan
from dataset_export.pipeline.recipe import _KINDS, CONVERSATIONS_DEFAULT, CORPUS_STEPS
from dataset_export.publication.services import reject_snapshot
from posts.models import Post
from tests.dataset_export.snapshots import built, published
from tests.factories import grant, person, post, recipe, snapshot, withdraw

STEPS = Path(pipeline.__file__).parent / "steps"


def step_modules() -> Iterator[ModuleType]:
    for name in sorted(
        {
            path.stem
            for path in STEPS.iterdir()
            if path.stem != "__init__" and path.suffix in ("", ".py")
        }
    ):
        if not name.startswith("_"):
            yield import_module(f"dataset_export.pipeline.steps.{name}")


def reasons_of(module: ModuleType) -> set[str]:
    """Return the reasons that a step's module can give: those in its mapping, and those that stand in a Dropped()."""
    found = set(getattr(module, "QUALITY_REASONS", {}).values())
    for node in ast.walk(ast.parse(inspect.getsource(module))):
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Dropped":
            [argument] = node.args
            if isinstance(argument, ast.Constant):
                found.add(argument.value)
            elif isinstance(argument, ast.Name) and argument.id.isupper():
                found.add(getattr(module, argument.id))
            else:
                assert found, (
                    f"{module.__name__} drops for a reason that no QUALITY_REASONS of its module names"
                )
    return found


def step_name(module: ModuleType) -> str:
    """Return the name by which recipes call the step of a module."""
    names = {
        value.name
        for value in vars(module).values()
        if isinstance(value, type) and isinstance(getattr(value, "name", None), str)
    }
    return names.pop() if len(names) == 1 else module.__name__.rpartition(".")[2]


def produced() -> set[tuple[str, str]]:
    """Return every step and reason that a recipe can produce."""
    of_posts = {
        (step_name(module), reason) for module in step_modules() for reason in reasons_of(module)
    }
    of_threads = {
        ("conversations", reason)
        for reason in (
            conversation_plan.BROKEN,
            conversation_plan.ALONE,
            conversation_plan.TOO_LONG,
        )
    }
    of_corpus = {
        ("exact_duplicates", exact_dedup.EXACT_DUPLICATE),
        ("near_duplicates", verify.NEAR_DUPLICATE),
        ("author_cap", cap_authors.AUTHOR_CAP_REASON),
    }
    return of_posts | of_threads | of_corpus


def test_the_enumeration_finds_what_is_known_to_be_there():
    assert {
        ("consent", "no_consent"),
        ("authorship", "not_human"),
        ("normalise", "empty"),
    } <= produced()
    assert {step for step, _ in produced()} <= {*_KINDS, "conversations"}


def test_every_reason_has_words():
    assert produced() <= set(DROP_REASONS)
    assert len({words.label for words in DROP_REASONS.values()}) == len(DROP_REASONS)


def test_every_step_that_can_change_a_text_has_words():
    assert set(CHANGES) <= set(_KINDS) - set(CORPUS_STEPS)


def test_an_unknown_reason_still_reads():
    words = reason_for("some_step", "odd_reason")
    assert (words.label, words.why) == (
        "some step: odd reason",
        "The recipe left it out (some step: odd reason).",
    )


def fate_of(one: Post, number: int = 0):
    return outcomes(one, list(built_snapshots().order_by("-pk")))[number]


def test_a_post_that_was_taken_and_changed(alice, bob):
    mine, plain = (
        post(alice, "Ask @bob about the  bread that he baked."),
        post(alice, "Nothing to put right in here."),
    )
    grant(alice)
    published()
    assert (fate_of(plain).outcome, fate_of(plain).changes) == (INCLUDED, ())
    fate = fate_of(mine)
    assert (fate.outcome, fate.changes) == (INCLUDED, (CHANGES["normalise"], CHANGES["mentions"]))
    withdraw(alice)
    assert "not served" in fate_of(mine).why


@pytest.mark.parametrize("own", [True, False])
def test_a_post_that_says_the_same_as_an_earlier_one(alice, bob, own):
    first = post(alice if own else bob, "The bread rises slowly in the cold kitchen.")
    second = post(alice, "The bread rises slowly in the cold kitchen.")
    grant(alice)
    grant(bob)
    published()
    fate = fate_of(second)
    assert (fate.outcome, fate.why) == (DROPPED, "An earlier post says exactly the same.")
    assert fate.earlier_post == (first.pk if own else None)


def test_a_post_whose_thread_is_no_conversation(alice):
    mine = post(alice, "Nobody answers me.")
    grant(alice)
    built(recipe=recipe(data=CONVERSATIONS_DEFAULT))
    assert fate_of(mine).why == DROP_REASONS["conversations", "no_conversation"].why


def ruled_out(one: Post) -> None:
    record_post_decisions(user=one.author, post_ids=[one.pk], choice="never", source="settings")


def suspend(user: User) -> None:
    User.objects.filter(pk=user.pk).update(suspended_at="2026-01-01T00:00Z")


# What a person decided before the build, how the post was written, and what the page says of it.
BEFORE = {
    "silence": (lambda one: None, {}, "You had not answered for Pretraining then"),
    "another purpose": (
        lambda one: grant(one.author, "evaluation"),
        {},
        "You had not answered for Pretraining then",
    ),
    "a no": (
        lambda one: (grant(one.author), withdraw(one.author)),
        {},
        "You had said no to Pretraining then",
    ),
    "a no for this post": (
        lambda one: (grant(one.author), ruled_out(one)),
        {},
        "You had said no to Pretraining for this post then",
    ),
    "from then on": (lambda one: grant(one.author, covers="from_now"), {}, "this post is older"),
    "for followers": (
        lambda one: grant(one.author),
        {"visibility": "followers"},
        "Posts for followers are never used for training.",
    ),
    "with help": (
        lambda one: grant(one.author),
        {"authorship": "assisted"},
        "Posts written with AI help are never used for training.",
    ),
    "suspended": (
        lambda one: (grant(one.author), suspend(one.author)),
        {},
        "your account could not share anything",
    ),
}


def test_posts_that_were_not_considered(db):
    posts = {case: post(person(), **draft) for case, (_, draft, _) in BEFORE.items()}
    for case, (decide, _, _) in BEFORE.items():
        decide(posts[case])
    published()
    for one in posts.values():
        grant(one.author)
    found = {case: fate_of(one) for case, one in posts.items()}
    assert {fate.outcome for fate in found.values()} == {INELIGIBLE}
    for case, (_, _, says) in BEFORE.items():
        assert says in found[case].why, case
    late = post(person())
    assert fate_of(late).why == "You wrote it after this dataset was begun."


def test_what_is_not_finished_or_turned_down_is_not_shown(alice):
    mine = post(alice)
    grant(alice)
    start_build(snapshot=snapshot("unfinished"))
    turned_down = built("turned-down")
    reject_snapshot(snapshot=turned_down, by=person(), reason="Too little")
    assert outcomes(mine, list(built_snapshots())) == []


def browser(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


def test_the_page_is_for_the_author_alone(alice, bob):
    mine = post(alice, "Some <b>words</b> of mine about the bread.")
    grant(alice)
    published("letters")
    address = f"/posts/{mine.pk}/training-use"
    page = browser(alice).get(address).content.decode()
    assert "It contains your post." in page
    assert "letters" in page
    assert "&lt;b&gt;words" in page
    assert browser(bob).get(address).status_code == 404
    assert Client().get(address).status_code == 302
    detail = mine.get_absolute_url()
    assert address in browser(alice).get(detail).content.decode()
    assert address not in browser(bob).get(detail).content.decode()


def test_many_snapshots_take_as_many_queries_as_one(alice):
    mine = post(alice)
    post(alice)
    grant(alice)
    client, counts = browser(alice), []
    for _ in range(3):
        published()
        with CaptureQueriesContext(connection) as queries:
            assert client.get(f"/posts/{mine.pk}/training-use").status_code == 200
            assert client.get("/settings/training-use").status_code == 200
        counts.append(len(queries))
    assert counts[0] == counts[1] == counts[2]


def test_the_sums_of_a_person(alice, bob):
    for text in (
        "The bread rises slowly in the cold kitchen.",
        "The bread rises slowly in the cold kitchen.",
        "Rain.",
    ):
        post(alice, text)
    post(bob, "Rain.")
    grant(alice)
    grant(bob)
    made = published()
    [of_alice], [of_bob] = outcome_summaries(alice, [made]), outcome_summaries(bob, [made])
    assert (of_alice.taken, of_alice.left_out) == (2, (("The same text was there before", 1),))
    assert (of_bob.taken, of_bob.left_out) == (0, (("The same text was there before", 1),))
    assert of_alice.taken + of_bob.taken + DroppedPost.objects.count() == 4
    assert (
        "It holds 2 posts of yours."
        in browser(alice).get("/settings/training-use").content.decode()
    )
