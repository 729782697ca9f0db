"""Stage 6: assign posts to conversations, with their position."""

from collections import Counter
from collections.abc import Iterator

from django.db import connection

from dataset_export.builds.bulk_io import DROP_COLUMNS, copy_rows, read_rows
from dataset_export.models import BuildTask, DroppedPost, StagedPost
from dataset_export.pipeline.conversation_plan import Message, conversations
from dataset_export.pipeline.recipe import CONVERSATIONS, POSTS

SET_POSITIONS = f"""
UPDATE {StagedPost._meta.db_table} SET message = placed.message
FROM unnest(%s::bigint[], %s::int[]) AS placed (post_id, message)
WHERE snapshot_id = %s AND {StagedPost._meta.db_table}.post_id = placed.post_id
"""  # noqa: S608


def assemble_conversations(task: BuildTask) -> None:
    recipe = task.snapshot.recipe.steps()
    found = conversations(load_messages(task), recipe.conversations)
    with connection.cursor() as cursor:
        cursor.execute(
            SET_POSITIONS, [list(found.places), list(found.places.values()), task.snapshot_id]
        )
    if POSTS not in recipe.configurations:
        rows = (
            (task.snapshot_id, post, CONVERSATIONS, reason, None)
            for post, reason in found.reasons.items()
        )
        copy_rows(DroppedPost, DROP_COLUMNS, rows)
        task.dropped = (
            {CONVERSATIONS: dict(Counter(found.reasons.values()))} if found.reasons else {}
        )


def load_messages(task: BuildTask) -> Iterator[Message]:
    """Return the posts of the task's threads."""
    posts = (
        StagedPost.objects.filter(snapshot=task.snapshot_id)
        .in_threads(task.first_id, task.last_id)
        .kept()
    )
    return (
        Message(*row) for row in read_rows(posts, "post_id", "thread_id", "parent_id", "subject")
    )
