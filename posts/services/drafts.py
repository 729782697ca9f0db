"""What is kept before it is published: drafts, and posts for a later time."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid5

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from common.models import OutboxEvent
from common.outbox import emit
from consent.models import ConsentEvent
from consent.notices import current_notices
from consent.selectors import get_decisions
from consent.services import lock_subject
from posts.models import Draft, Poll, Post
from posts.services.locks import lock_posts_for_reference
from posts.services.media import detach_media
from posts.services.polls import PollDraft
from posts.services.publish_keys import key_to_keep, key_to_publish
from posts.services.publishing import (
    PostInput,
    PublishError,
    delete_post,
    derive_part_key,
    publish_thread,
)

MAX_DRAFTS = 100
MAX_THREAD_POSTS = 25
UNDO_WINDOW = timedelta(seconds=60)
MAX_DRAFT_CHARACTERS = 100_000
# From it and a post follows the key of the draft that the post becomes.
REDRAFT_NAMESPACE = UUID("9d1f6a1e-5c0b-4c55-8d0e-3f1f5c1d7a42")
TARGET_DELETED_MESSAGE = "The post that this answers or quotes is gone, or is not for you any more."


class UndoError(Exception):
    """It was published too long ago."""


class DraftError(Exception):
    """Somebody keeps as many drafts as one may, or one of them would be too long."""


@dataclass(frozen=True, slots=True)
class ComposerState:
    """What stands in a composer: its fields as typed, under its publish key, and the posts that it is about."""

    key: UUID
    fields: Mapping[str, str]
    reply_to: Post | None = None
    quote_of: Post | None = None


@transaction.atomic
def save_draft(*, author: User, written: ComposerState) -> Draft | None:
    """Keep what somebody writes, in place of what was kept of it before; an empty one is thrown away.

    What was published or scheduled meanwhile stays as it is.

    Raises:
        CannotKeep: with words for the author.
    """
    lock_drafts(author)
    kept = Draft.objects.filter(author=author, key=written.key).order_by("pk").first()
    if kept is not None and kept.is_scheduled:
        return kept
    key = key_to_keep(author, written.key, str(written.fields.get("text", "")))
    if key is None:
        return None
    if key != written.key:
        written = replace(written, key=key)
        kept = Draft.objects.filter(author=author, key=key).order_by("pk").first()
    draft = get_or_new_draft(author, written, kept)
    if not draft.parts:
        Draft.objects.filter(pk=draft.pk).delete()
        return None
    draft.save()
    return draft


def lock_drafts(author: User) -> None:
    """Let what one person keeps and publishes come one after the other."""
    User.objects.select_for_update(no_key=True).get(pk=author.pk)


def get_or_new_draft(author: User, written: ComposerState, kept: Draft | None) -> Draft:
    """Return the row for what is written: the one that it is kept in, or a new one."""
    if kept is None and Draft.objects.filter(author=author).count() >= MAX_DRAFTS:
        raise DraftError(f"You have {MAX_DRAFTS} drafts. Publish or delete some first.")
    if len(str(written.fields)) > MAX_DRAFT_CHARACTERS:
        raise DraftError("This is too long to save.")
    draft = kept or Draft(author=author, key=written.key)
    draft.fields, draft.updated_at = dict(written.fields), timezone.now()
    there = lock_posts_for_reference(
        post.pk for post in (written.reply_to, written.quote_of) if post is not None
    )
    draft.reply_to = written.reply_to if written.reply_to and written.reply_to.pk in there else None
    draft.quote_of = written.quote_of if written.quote_of and written.quote_of.pk in there else None
    return draft


@transaction.atomic
def schedule_post(
    *,
    author: User,
    written: ComposerState,
    drafts: Sequence[PostInput],
    publish_at: datetime,
    is_scheduled_one: bool = True,
) -> Draft:
    """Keep posts to be published at a time; doing it again under the same key changes them and their time.

    A composer that was brought back with the key of what waits (not `is_scheduled_one`) changes only the same words.

    Raises:
        CannotKeep: with words for the author.
        CannotPublish: it is published already.
    """
    lock_drafts(author)
    key = key_to_publish(
        author,
        written.key,
        text=drafts[0].text,
        media_ids=drafts[0].media_ids,
        reply_to=written.reply_to,
        quote_of=written.quote_of,
        is_scheduled_one=is_scheduled_one,
    )
    written = replace(written, key=key)
    if Post.objects.filter(author=author, publish_key=written.key).exists():
        raise PublishError("This is published already.")
    kept = (
        Draft.objects.select_for_update()
        .filter(author=author, key=written.key)
        .order_by("pk")
        .first()
    )
    draft = get_or_new_draft(author, written, kept)
    draft.publish_at, draft.failure = publish_at, ""
    # Under the key of the draft, which goes when they are out: without it they would go out with each sweep.
    numbered = [replace(each, publish_key=written.key) for each in drafts]
    draft.posts, draft.notices = [_to_json(each) for each in numbered], consent_notices(drafts)
    draft.save()
    return draft


@transaction.atomic
def unschedule(*, draft: Draft) -> None:
    """Make a scheduled post a draft again."""
    Draft.objects.filter(pk=draft.pk).update(publish_at=None, posts=[], notices={}, failure="")


@transaction.atomic
def publish_when_due(*, draft_id: int) -> list[Post]:
    """Publish a scheduled post whose time has come, once, however many workers try; note why if it cannot be."""
    due = Draft.objects.filter(pk=draft_id, publish_at__lte=timezone.now(), failure="").order_by(
        "pk"
    )
    waiting = due.select_related("author").first()
    if waiting is None:
        return []
    # The author before the draft, as whoever schedules it does.
    lock_drafts(waiting.author)
    draft = due.select_related("author").select_for_update(of=("self",)).first()
    if draft is None:
        return []
    try:
        return publish_thread(
            author=draft.author,
            drafts=drafts_with_valid_consent(draft),
            reply_to=still_readable(draft, "reply_to"),
            quote_of=still_readable(draft, "quote_of"),
        )
    except PublishError as refused:
        draft.failure = str(refused)
        draft.save(update_fields=["failure"])
        emit(OutboxEvent.Topic.NOT_PUBLISHED, actor=draft.author_id, draft=draft.pk)
        return []


def still_readable(draft: Draft, name: str) -> Post | None:
    """Return the post that a draft answers or quotes."""
    if name not in draft.fields:
        return None
    post = (
        Post.objects.filter(pk=getattr(draft, f"{name}_id"))
        .visible_to(draft.author)
        .order_by("pk")
        .first()
    )
    if post is None:
        raise PublishError(TARGET_DELETED_MESSAGE)
    return post


def drafts_with_valid_consent(draft: Draft) -> list[PostInput]:
    """Return what is to be published; a yes that was taken back since, or whose words have changed, is none."""
    drafts = [_from_json(data) for data in draft.posts]
    notices = consent_notices(drafts)
    if notices == draft.notices and not (notices and is_consent_withdrawn(draft)):
        return drafts
    return [replace(each, training="settings") for each in drafts]


def is_consent_withdrawn(draft: Draft) -> bool:
    """Say whether the author has taken everything back since; whoever does so now waits for what comes of it."""
    taken_back_at = lock_subject(draft.author).withdrew_all_at
    return taken_back_at is not None and taken_back_at >= draft.updated_at


def consent_notices(drafts: Sequence[PostInput]) -> dict[str, int]:
    """Return the notices by purpose that a yes to training in the drafts rests on."""
    purposes = {
        purpose
        for draft in drafts
        if isinstance(draft.training, frozenset)
        for purpose in draft.training
    }
    if not purposes:
        return {}
    notices = current_notices()
    return {purpose: notices[purpose].pk for purpose in sorted(purposes)}


def _to_json(draft: PostInput) -> dict[str, Any]:
    training = draft.training if isinstance(draft.training, str) else sorted(draft.training)
    key = draft.publish_key
    return {**asdict(draft), "training": training, "publish_key": str(key) if key else None}


def _from_json(data: Mapping[str, Any]) -> PostInput:
    known = {field.name for field in fields(PostInput)}
    training, key = data["training"], data["publish_key"]
    values = {name: value for name, value in data.items() if name in known}
    values["media_ids"] = tuple(data.get("media_ids", ()))
    values["training"] = training if isinstance(training, str) else frozenset(training)
    values["publish_key"] = UUID(key) if key else None
    values["poll"] = poll_from_json(data.get("poll"))
    return PostInput(**values)


def poll_from_json(data: Mapping[str, Any] | None) -> PollDraft | None:
    return PollDraft(**{**data, "options": tuple(data["options"])}) if data else None


@transaction.atomic
def redraft(*, post: Post) -> Draft:
    """Delete a post, and keep its words as a draft.

    Raises:
        CannotKeep: with words for the author; the post stays.
    """
    return revert_to_draft([post])


@transaction.atomic
def undo_publishing(*, post: Post) -> Draft:
    """Delete what was published a moment ago, all parts of a thread, and keep its words as a draft.

    Raises:
        CannotUndo, CannotKeep: with words for the author; the posts stay.
    """
    if timezone.now() - post.created_at > UNDO_WINDOW:
        raise UndoError("It is too late to undo this. You can delete the post.")
    keys = (
        [derive_part_key(post.publish_key, number) for number in range(1, MAX_THREAD_POSTS)]
        if post.publish_key
        else []
    )
    others = Post.objects.filter(author=post.author_id, publish_key__in=keys).order_by("pk")
    return revert_to_draft([post, *others])


def revert_to_draft(posts: Sequence[Post]) -> Draft:
    first, *others = posts
    lock_drafts(first.author)
    # One for each post, so that a second click finds the first one's draft.
    key = uuid5(REDRAFT_NAMESPACE, str(first.pk))
    kept = Draft.objects.filter(author=first.author, key=key).order_by("pk").first()
    if kept is not None:
        return kept
    parts = {f"part-{number}-text": other.text for number, other in enumerate(others, 1)}
    fields = fields_of(first) | parts | {"parts_count": str(len(others))}
    if draft_opts_out(posts):
        fields["training"] = "never"
    written = ComposerState(
        key=key, fields=fields, reply_to=first.reply_to, quote_of=first.quote_of
    )
    draft = get_or_new_draft(first.author, written, None)
    for number, post in enumerate(posts):
        if ids := detach_media(post):
            draft.fields[f"part-{number}-media" if number else "media"] = [str(pk) for pk in ids]
    draft.save()
    for post in reversed(posts):
        delete_post(post=post)
    return draft


def draft_opts_out(posts: Sequence[Post]) -> bool:
    """Say whether their author ruled out a use of any of the posts, so that the words must not come back without it."""
    standing = get_decisions(posts[0].author_id, [post.pk for post in posts])
    events = [event for decisions in standing.posts.values() for event in decisions.values()]
    return any(event.decision == ConsentEvent.Decision.WITHDRAWN for event in events)


def fields_of(post: Post) -> dict[str, str]:
    """Return a post as the composer's fields."""
    fields = {
        "text": post.text,
        "visibility": post.visibility,
        "authorship": post.authorship,
        "language": "" if post.is_language_guessed else post.language,
        "warning": post.warning,
        "reply_policy": post.reply_policy,
        "quote_policy": post.quote_policy,
    }
    if post.is_sensitive:
        fields["is_sensitive"] = "on"
    if post.has_poll:
        fields |= poll_fields(Poll.objects.get(post=post))
    return fields | {
        name: str(pk) for name in ("reply_to", "quote_of") if (pk := getattr(post, f"{name}_id"))
    }


def poll_fields(poll: Poll) -> dict[str, str]:
    """Return a poll as the composer's fields, to begin from no votes."""
    given = {f"poll-option_{number}": text for number, text in enumerate(poll.options)}
    ticked = {
        f"poll-{name}": "on" for name in ("is_multiple", "hides_results") if getattr(poll, name)
    }
    return given | ticked
