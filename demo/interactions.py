"""What the people of the demo world did with each other's posts, and what the posts point to."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from accounts.models import ListMember, User, UserList
from accounts.services.locks import invalidate_home_timeline
from common.models import OutboxEvent
from common.snowflake import min_id_at
from posts.models import (
    Bookmark,
    Hashtag,
    HashtagFollow,
    Mention,
    Poll,
    PollVote,
    Post,
    PostHashtag,
)
from posts.text.entities import mentions_in, tag_name, tags_in

if TYPE_CHECKING:
    from demo.world import Person, Told

# Of what happened so lately people find a notification.
LATELY = timedelta(days=2)


def make_talk(
    users: Mapping[str, User], people: Sequence["Person"], told: Sequence["Told"], now: datetime
) -> None:
    """Add to the posts of the world whom and what they point to, and what people did with them."""
    by_mark = {said.mark: post for said, post in told if said.mark}
    point_to_people(users, told)
    point_to_tags(post for _, post in told)
    quote(told, by_mark)
    ask_polls(users, told)
    bring_to_followers(users, told, now)
    for person in people:
        keep(users, person, by_mark)
    tell_of_late(users, told, now)


def point_to_people(users: Mapping[str, User], told: Sequence["Told"]) -> None:
    by_name = {name.lower(): user for name, user in users.items()}
    spoken_to = {
        (post.pk, user.pk)
        for _, post in told
        for user in (
            *(by_name[name.lower()] for name in mentions_in(post.text) if name.lower() in by_name),
            *([post.reply_to.author] if post.reply_to else []),
        )
        if user.pk != post.author_id
    }
    Mention.objects.bulk_create(
        Mention(post_id=post, user_id=user) for post, user in sorted(spoken_to)
    )


def point_to_tags(posts: Iterable[Post]) -> None:
    labels = {(post.pk, tag_name(label)): label for post in posts for label in tags_in(post.text)}
    Hashtag.objects.bulk_create(
        Hashtag(name=name, label=label)
        for name, label in {name: label for (_, name), label in labels.items()}.items()
    )
    tags = Hashtag.objects.in_bulk(field_name="name")
    PostHashtag.objects.bulk_create(
        PostHashtag(post_id=post, tag=tags[name]) for post, name in sorted(labels)
    )


def quote(told: Sequence["Told"], by_mark: Mapping[str, Post]) -> None:
    for said, post in told:
        if said.quotes:
            quoted = by_mark[said.quotes]
            Post.objects.filter(pk=post.pk).update(quote_of=quoted, quote_state=Post.Quote.SHOWN)


def ask_polls(users: Mapping[str, User], told: Sequence["Told"]) -> None:
    """Add the polls with the votes in them; `poll` has `options`, `hours` and `votes`, a number by name."""
    for said, post in told:
        if said.poll:
            ask_poll(users, post, **said.poll)


def ask_poll(
    users: Mapping[str, User], post: Post, options: list[str], hours: int, votes: dict[str, int]
) -> None:
    ends_at = post.created_at + timedelta(hours=hours)
    poll = Poll.objects.create(
        post=post, options=options, counts=[0] * len(options), ends_at=ends_at
    )
    PollVote.objects.bulk_create(
        PollVote(poll=poll, user=users[name], choices=[choice]) for name, choice in votes.items()
    )
    Post.objects.filter(pk=post.pk).update(has_poll=True)


def bring_to_followers(users: Mapping[str, User], told: Sequence["Told"], now: datetime) -> None:
    """Repost what was reposted, so many hours before now."""
    reposts = [(post, name, hours) for said, post in told for name, hours in said.reposts.items()]
    Post.objects.bulk_create(
        Post(
            id=min_id_at(now - timedelta(hours=hours)) + number,
            author=users[name],
            repost_of=post,
            visibility=post.visibility,
        )
        for number, (post, name, hours) in enumerate(reposts)
    )


def keep(users: Mapping[str, User], person: "Person", by_mark: Mapping[str, Post]) -> None:
    """Give a person their bookmarks, followed tags and lists."""
    user = users[person.username]
    Bookmark.objects.bulk_create(Bookmark(user=user, post=by_mark[mark]) for mark in person.keeps)
    tags = Hashtag.objects.filter(name__in=person.tags).order_by("name")
    HashtagFollow.objects.bulk_create(HashtagFollow(user=user, tag=tag) for tag in tags)
    for title, names in person.lists.items():
        made = UserList.objects.create(owner=user, title=title)
        ListMember.objects.bulk_create(ListMember(list=made, member=users[name]) for name in names)
    invalidate_home_timeline(user)


def tell_of_late(users: Mapping[str, User], told: Sequence["Told"], now: datetime) -> None:
    """Have the workers tell people what happened to them lately, as if it had happened just now."""
    news: list[dict[str, Any]] = []
    for said, post in told:
        if post.created_at < now - LATELY:
            continue
        news.append(
            {"topic": OutboxEvent.Topic.PUBLISHED, "actor_id": post.author_id, "post_id": post.pk}
        )
        news += (
            {
                "topic": OutboxEvent.Topic.LIKED,
                "actor_id": users[name].pk,
                "post_id": post.pk,
                "person_id": post.author_id,
            }
            for name in said.likes
        )
    reposts = Post.objects.filter(
        repost_of__isnull=False, pk__gte=min_id_at(now - LATELY)
    ).order_by("pk")
    news += (
        {"topic": OutboxEvent.Topic.PUBLISHED, "actor_id": row.author_id, "post_id": row.pk}
        for row in reposts
    )
    OutboxEvent.objects.bulk_create(OutboxEvent(**row) for row in news)
