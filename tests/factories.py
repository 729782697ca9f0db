"""Make people, posts and decisions the way the site makes them."""

from typing import Any

import factory

from accounts.models import User
from consent.models import ConsentEvent
from consent.notices import current_notice
from consent.purposes import Purpose
from consent.services import record_age_attestation, record_decision
from dataset_export.builds.evaluation_lists import build_ngrams, create_evaluation_list
from dataset_export.builds.services import create_snapshot
from dataset_export.models import EvaluationList, Recipe, Snapshot
from dataset_export.pipeline.recipe import PRETRAINING_DEFAULT
from dataset_export.pipeline.recipe import RecipeSpec as Steps
from posts.models import Post
from posts.services import PostInput, publish_post

PASSWORD = "correct horse battery"


class UserFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = User
        skip_postgeneration_save = True

    username = factory.Sequence(lambda number: f"person{number}")
    email = factory.LazyAttribute(lambda user: f"{user.username}@example.org")
    password = factory.django.Password(PASSWORD)


def person(username: str | None = None, **fields: Any) -> User:
    return UserFactory(**({"username": username} if username else {}), **fields)


def post(
    author: User,
    text: str = "Bread rises slowly.",
    reply_to: Post | None = None,
    quote_of: Post | None = None,
    **draft: Any,
) -> Post:
    return publish_post(
        author=author, draft=PostInput(text, **draft), reply_to=reply_to, quote_of=quote_of
    )


def grant(
    user: User, purpose: str = Purpose.PRETRAINING, *, covers: str = "everything", **fields: Any
) -> ConsentEvent:
    record_age_attestation(user=user)
    return say(user, "granted", purpose, covers=covers, **fields)


def withdraw(user: User, purpose: str = Purpose.PRETRAINING, **fields: Any) -> ConsentEvent:
    return say(user, "withdrawn", purpose, **fields)


def say(user: User, decision: str, purpose: str, **fields: Any) -> ConsentEvent:
    return record_decision(
        user=user,
        purpose=purpose,
        decision=decision,
        notice=current_notice(purpose),
        source="settings",
        **fields,
    )


# Without held-out threads, which few posts would or would not be in by chance.
ALL_IN_TRAIN = {
    **PRETRAINING_DEFAULT,
    "steps": [step for step in PRETRAINING_DEFAULT["steps"] if step["step"] != "split"],
}


def recipe(shard_rows: int = 50_000, data: dict[str, Any] | None = None) -> Recipe:
    """Return the default recipe without its split, or another, with so many rows in a shard."""
    data = {**(data or ALL_IN_TRAIN), "shards": {"rows": shard_rows}}
    digest = Steps.parse(data).digest
    return Recipe.objects.get_or_create(
        name=f"test-{digest[:16]}", version=1, defaults={"data": data}
    )[0]


def evaluation_list(name: str = "sums-1.0", *texts: str) -> EvaluationList:
    texts = texts or ("If three loaves cost six coins, what does one of the loaves cost?",)
    return create_evaluation_list(
        ngrams=build_ngrams(name, list(texts)), texts=len(texts), source="", by=None
    )


def snapshot(name: str = "words", purpose: str = Purpose.PRETRAINING, **fields: Any) -> Snapshot:
    return create_snapshot(
        name=name,
        purpose=purpose,
        recipe=fields.pop("recipe", None) or recipe(),
        by=fields.pop("by", None),
        pseudonym_key=fields.pop("pseudonym_key", None),
    )
