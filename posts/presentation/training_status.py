"""Training status of a user's own posts: whether a post is used for AI training, and why not.

The rule is that of `dataset_export.eligibility.exportable_posts`; a test holds them equal.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from accounts.models import User
from consent.models import ConsentEvent
from consent.purposes import Purpose
from consent.selectors import ConsentStatus, get_decisions
from posts.models import Post


@dataclass(frozen=True, slots=True)
class TrainingStatus:
    """`tone` is off, on or never; `label` is for the card, `detail` for its page."""

    tone: str
    label: str
    detail: str


_NEVER = {
    Post.Visibility.UNLISTED: "Only public posts can be used for training.",
    Post.Visibility.FOLLOWERS: "Posts for followers are never used for training.",
    Post.Visibility.DIRECT: "Direct posts are never used for training.",
    Post.Authorship.ASSISTED: "Posts written with AI help are never used for training.",
    Post.Authorship.AUTOMATED: "Automated posts are never used for training.",
}
OFF = TrainingStatus("off", "Not used for training", "You have not agreed to any use of this post.")

OPTED_OUT = TrainingStatus(
    "never", "Never used for training", "You ruled out any use of this post."
)


def annotate_training_status(posts: Iterable[Post], viewer: User) -> ConsentStatus:
    """Set `mark` on the viewer's own posts; return the viewer's decisions."""
    own = [post for post in posts if post.author_id == viewer.pk]
    standing = get_decisions(viewer.pk, [post.pk for post in own])
    for post in own:
        post.mark = training_status(post, standing)  # type: ignore[misc]
    return standing


def training_status(post: Post, standing: ConsentStatus) -> TrainingStatus:
    refusal = ineligibility_reason(post)
    if refusal is not None:
        return TrainingStatus("never", "Never used for training", refusal)
    purposes = shared_purposes(post, standing)
    if not purposes:
        return OPTED_OUT if is_opted_out(post, standing) else OFF
    names = ", ".join(Purpose(purpose).label for purpose in purposes)
    return TrainingStatus(
        "on", f"Shared: {names}", f"You agreed that this post is used for: {names}."
    )


def ineligibility_reason(post: Post) -> str | None:
    """Return why no consent could make this post training data, or None."""
    return _NEVER.get(post.visibility) or _NEVER.get(post.authorship)  # type: ignore[call-overload]


def shared_purposes(post: Post, standing: ConsentStatus) -> list[str]:
    """Return the purposes for which the post may be exported now."""
    if not standing.adult or ineligibility_reason(post) is not None:
        return []
    return [purpose for purpose in Purpose.values if is_shared(post, purpose, standing)]


def is_shared(post: Post, purpose: str, standing: ConsentStatus) -> bool:
    event = standing.effective_decision(post.pk, purpose)
    return event is not None and standing.counts(event) and event.covers_time(post.created_at)


def is_opted_out(post: Post, standing: ConsentStatus) -> bool:
    """Tell whether the author ruled out every use of this post."""
    own = standing.posts.get(post.pk, {})
    return len(own) == len(Purpose.values) and all(
        event.decision == ConsentEvent.Decision.WITHDRAWN for event in own.values()
    )
