"""Stage 2: of equal texts keep the lowest id, in whichever order tasks run."""

from django.db import connection

from dataset_export.models import BuildTask, DroppedPost, StagedPost
from dataset_export.pipeline.recipe import EXACT_DUPLICATES

EXACT_DUPLICATE = "duplicate"

_LEAVE_OUT = f"""
INSERT INTO {DroppedPost._meta.db_table} (snapshot_id, post_id, step, reason, duplicate_of)
SELECT later.snapshot_id, later.post_id, %s, %s, first.post_id
FROM {StagedPost._meta.db_table} later CROSS JOIN LATERAL (
    SELECT post_id FROM {StagedPost._meta.db_table} earlier
    WHERE earlier.snapshot_id = later.snapshot_id AND earlier.fingerprint = later.fingerprint
    ORDER BY post_id LIMIT 1
) first
WHERE later.snapshot_id = %s AND later.post_id BETWEEN %s AND %s AND first.post_id < later.post_id
"""  # noqa: S608


def deduplicate(task: BuildTask) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            _LEAVE_OUT,
            [EXACT_DUPLICATES, EXACT_DUPLICATE, task.snapshot_id, task.first_id, task.last_id],
        )
        task.dropped = (
            {EXACT_DUPLICATES: {EXACT_DUPLICATE: cursor.rowcount}} if cursor.rowcount else {}
        )
