"""Cut pages out of a home timeline: candidates come from wherever is quickest, and PostgreSQL has the last word."""

from accounts.models import User
from posts.models import Post, PostQuerySet
from timeline.home.candidates import candidates
from timeline.home.rule import home_timeline
from timeline.reasons import with_what_brought_them

# Of so many candidates for each post that is wanted nearly always enough are left.
CANDIDATES = 2


def home_rows(viewer: User, *, below: int | None, size: int) -> list[Post]:
    """Return the next rows below a cursor, for cards, as many as are wanted and there."""
    rows: list[Post] = []
    for ids in candidates(viewer, below=below, limit=CANDIDATES * size):
        found = with_what_brought_them(judged(viewer, ids), viewer)
        rows += found.for_cards(viewer).order_by("-pk")[: size - len(rows)]
        if len(rows) == size:
            break
    return rows


def newer_rows(viewer: User, *, above: int, most: int) -> int:
    """Count rows above an id, up to so many."""
    count = 0
    for ids in candidates(viewer, below=None, limit=CANDIDATES * most):
        newer = [post_id for post_id in ids if post_id > above]
        count += judged(viewer, newer).count() if newer else 0
        if count >= most or len(newer) < len(ids):
            break
    return min(count, most)


def judged(viewer: User, ids: list[int]) -> PostQuerySet:
    """Those of the candidates that are in the viewer's home timeline at this moment."""
    return home_timeline(viewer).filter(pk__in=ids)
