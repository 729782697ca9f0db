from collections.abc import Sequence
from dataclasses import dataclass, replace
from uuid import UUID, uuid5

from django.db import transaction

from accounts.models import User
from accounts.selectors import users_by_usernames, without_blocked
from accounts.services import lock_user_pair
from common.models import OutboxEvent
from common.outbox import emit
from consent.models import ConsentEvent
from consent.services import AgeAttestationRequiredError, Choice, record_post_decisions
from posts.link_previews.fetcher import get_or_create_preview
from posts.models import Draft, Hashtag, LinkPreview, Mention, Post, PostHashtag
from posts.policies import quote_error, reply_error
from posts.services.locks import lock_posts_for_counts
from posts.services.media import MediaError, attach_media
from posts.services.polls import PollDraft, add_poll
from posts.services.publish_keys import key_to_publish
from posts.text.entities import (
    first_url,
    has_url,
    mentions_in,
    normalize_text,
    render,
    tag_name,
    tags_in,
)
from posts.text.language import guess_language


class PublishError(Exception):
    """The account is suspended, or the post that is answered is gone."""


@dataclass(frozen=True, slots=True)
class PostInput:
    """What somebody wants to say; `publish_key` is the same for each retry of one publication."""

    text: str
    visibility: str = Post.Visibility.PUBLIC
    authorship: str = Post.Authorship.HUMAN
    language: str = ""
    publish_key: UUID | None = None
    training: Choice = "settings"
    warning: str = ""
    is_sensitive: bool = False
    reply_policy: str = Post.Repliers.EVERYONE
    quote_policy: str = Post.Audience.EVERYONE
    poll: PollDraft | None = None
    # Pictures that the author sent before (`services.media`), in order.
    media_ids: tuple[int, ...] = ()


@transaction.atomic
def publish_thread(
    *,
    author: User,
    drafts: Sequence[PostInput],
    reply_to: Post | None = None,
    quote_of: Post | None = None,
    is_scheduled_one: bool = True,
) -> list[Post]:
    """Publish posts that were written together, each as a reply to the one before, all of them or none.

    The first one's publish key stands for all: a retry finds them all, and what was kept of them as a draft is gone.
    Other words under a key that was used before are other posts (`services.publish_keys`).

    Raises:
        CannotPublish: with words for the author.
    """
    posts: list[Post] = []
    key = drafts[0].publish_key
    if key is not None:
        User.objects.select_for_update(no_key=True).get(pk=author.pk)
        text, media_ids = drafts[0].text, drafts[0].media_ids
        about = {"reply_to": reply_to, "quote_of": quote_of}
        key = key_to_publish(
            author, key, text=text, media_ids=media_ids, is_scheduled_one=is_scheduled_one, **about
        )
    for number, draft in enumerate(drafts):
        numbered = replace(draft, publish_key=derive_part_key(key, number))
        before = posts[-1] if posts else reply_to
        posts.append(
            publish_post(author=author, draft=numbered, reply_to=before, quote_of=quote_of)
        )
        quote_of = None
    if key is not None:
        Draft.objects.filter(author=author, key=key).delete()
    return posts


def derive_part_key(key: UUID | None, number: int) -> UUID | None:
    """Return the publish key of a part of a thread, which follows from that of the first."""
    return uuid5(key, str(number)) if key and number else key


@transaction.atomic
def publish_post(
    *, author: User, draft: PostInput, reply_to: Post | None = None, quote_of: Post | None = None
) -> Post:
    """Publish a draft, once for each publish key.

    Raises:
        CannotPublish: with words for the author.
    """
    if not User.objects.filter(pk=author.pk, is_active=True, suspended_at__isnull=True).exists():
        raise PublishError("This account is suspended and cannot post.")
    earlier = find_existing_publication(author, draft)
    if earlier is not None:
        return earlier
    hold_what_is_referred_to(author, [about for about in (reply_to, quote_of) if about is not None])
    if reply_to is not None and (refusal := reply_error(author, reply_to)) is not None:
        raise PublishError(refusal)
    if quote_of is not None and (refusal := quote_error(author, quote_of)) is not None:
        raise PublishError(refusal)
    post = insert_post(author, draft, reply_to, quote_of)
    create_mentions(post, reply_to)
    create_hashtags(post)
    if draft.poll is not None:
        add_poll(post, draft.poll)
    _attach_media(post, draft.media_ids)
    emit(OutboxEvent.Topic.PUBLISHED, actor=author.pk, post=post.pk)
    if draft.training != "settings":
        record_training_choice(post, draft.training)
    return post


def record_training_choice(post: Post, choice: Choice) -> None:
    """Note the decision that was taken in the composer, together with the post or not at all."""
    try:
        record_post_decisions(
            user=post.author, post_ids=[post.pk], choice=choice, source=ConsentEvent.Source.COMPOSER
        )
    except AgeAttestationRequiredError as refused:
        raise PublishError(
            "Say on the page “Training” first that you are 18 or older."
        ) from refused


def find_existing_publication(author: User, draft: PostInput) -> Post | None:
    """Wait for a publication under the same key that is under way, and return its post if there is one."""
    if draft.publish_key is None:
        return None
    User.objects.select_for_update(no_key=True).get(pk=author.pk)
    return Post.objects.filter(author=author, publish_key=draft.publish_key).order_by("pk").first()


def insert_post(
    author: User, draft: PostInput, reply_to: Post | None, quote_of: Post | None
) -> Post:
    text = normalize_text(draft.text)
    return Post.objects.create(
        author=author,
        text=text,
        html=render(text, usernames_in(text)),
        visibility=draft.visibility,
        authorship=draft.authorship,
        language=draft.language or guess_language(text),
        is_language_guessed=not draft.language,
        publish_key=draft.publish_key,
        reply_to=reply_to,
        thread_id=reply_to.root_id if reply_to else None,
        quote_of=quote_of,
        quote_state=Post.Quote.SHOWN if quote_of else Post.Quote.NONE,
        warning=draft.warning,
        is_sensitive=draft.is_sensitive,
        reply_policy=draft.reply_policy,
        quote_policy=draft.quote_policy,
        has_link=has_url(text),
        has_poll=draft.poll is not None,
        has_media=bool(draft.media_ids),
        link_preview=link_preview_for(text, author),
    )


def _attach_media(post: Post, media_ids: Sequence[int]) -> None:
    try:
        attach_media(post, media_ids)
    except MediaError as refused:
        raise PublishError(str(refused)) from refused


def link_preview_for(text: str, author: User) -> LinkPreview | None:
    """Return the card of the first link in a text."""
    url = first_url(text)
    return get_or_create_preview(url, asked_by=author.pk) if url else None


def usernames_in(text: str) -> dict[str, str]:
    """Return the usernames of the people who are named in a text, by their lower case."""
    names = mentions_in(text)
    if not names:
        return {}
    return {
        name.lower(): name for name in users_by_usernames(names).values_list("username", flat=True)
    }


def create_mentions(post: Post, reply_to: Post | None) -> None:
    """Note whom a post speaks to."""
    Mention.objects.bulk_create(
        Mention(post=post, user_id=pk) for pk in sorted(mentioned_user_ids(post, reply_to))
    )


def mentioned_user_ids(post: Post, reply_to: Post | None) -> set[int]:
    """Return whom a post speaks to: who is named in it, who is answered, and whom a direct thread goes on with."""
    names = mentions_in(post.text)
    named = without_blocked(users_by_usernames(names), post.author) if names else ()
    ids = {person.pk for person in named}
    if reply_to is not None:
        ids.add(reply_to.author_id)
        if post.visibility == Post.Visibility.DIRECT and reply_to.author_id == post.author_id:
            ids.update(Mention.objects.filter(post=reply_to).values_list("user_id", flat=True))
    return ids - {post.author_id}


def create_hashtags(post: Post) -> None:
    labels = {tag_name(label): label for label in reversed(tags_in(post.text))}
    if not labels:
        return
    # In one order everywhere, so that two posts with the same new tags do not wait for each other.
    Hashtag.objects.bulk_create(
        (Hashtag(name=name, label=labels[name]) for name in sorted(labels)), ignore_conflicts=True
    )
    tags = Hashtag.objects.filter(name__in=labels)
    PostHashtag.objects.bulk_create(PostHashtag(post=post, tag=tag) for tag in tags)


def hold_what_is_referred_to(author: User, posts: Sequence[Post]) -> None:
    """Keep posts that are answered or quoted from being deleted, and their authors from blocking, meanwhile.

    In one order, as others answer what is quoted here and quote what is answered.
    """
    if not posts:
        return
    for person in sorted({post.author for post in posts} - {author}, key=lambda person: person.pk):
        lock_user_pair(author, person)
    lock_posts_for_counts([post.pk for post in posts])


@transaction.atomic
def delete_post(*, post: Post) -> None:
    """Delete a post for good; replies to it stay, and doing it again changes nothing."""
    # Held from the older to the newer, so that a post and its reply can be deleted, and answered, at the same time.
    around = [post.reply_to_id, post.quote_of_id, post.repost_of_id]
    wanted = [post.pk, *(pk for pk in around if pk is not None)]
    held = {
        row.pk: row for row in Post.objects.select_for_update().filter(pk__in=wanted).order_by("pk")
    }
    if post.pk in held:
        held[post.pk].delete()
