"""Tell the parts above what happened, so that a crash between the act and its consequences loses nothing."""

from common.models import News


def tell(topic: str, *, actor: int, post: int | None = None, person: int | None = None) -> None:
    """Note a piece of news in the transaction of what happened."""
    News.objects.create(topic=topic, actor_id=actor, post_id=post, person_id=person)
