"""Pass arrays of numbers from the tasks of one stage to a later one, through the database."""

from collections.abc import Iterable, Iterator

import numpy as np
import numpy.typing as npt
from django.db import connection

from dataset_export.builds.bulk_io import copy_rows
from dataset_export.models import BuildTask, IntermediatePartition
from dataset_export.pipeline.dedup.minhash import SIZE

COLUMNS = ("snapshot_id", "kind", "part", "source", "data")
# A minhash band: key, post and text size.
BAND = np.dtype([("key", "<u8"), ("id", "<i8"), ("size", SIZE)])
# A pair of similar posts.
PAIR = np.dtype([("later", "<i8"), ("earlier", "<i8")])

Array = npt.NDArray[np.void]


def write_partition(source: BuildTask, kind: str, arrays: Iterable[tuple[int, Array]]) -> None:
    """Store an array per partition, skipping empty ones."""
    rows = (
        (source.snapshot_id, kind, part, source.number, array.tobytes())
        for part, array in arrays
        if len(array)
    )
    copy_rows(IntermediatePartition, COLUMNS, rows)


def read_partition(target: BuildTask, kind: str, part: int, layout: np.dtype) -> Array:
    """Return everything stored for a partition, in the order of sources."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT data FROM {IntermediatePartition._meta.db_table}"  # noqa: S608
            " WHERE snapshot_id = %s AND kind = %s AND part = %s ORDER BY source",
            [target.snapshot_id, kind, part],
        )
        arrays = [np.frombuffer(data, layout) for (data,) in cursor.fetchall()]
    return np.concatenate(arrays) if arrays else np.empty(0, layout)


def remove_posts(snapshot_id: int, sources: Iterable[int], ids: npt.NDArray[np.int64]) -> None:
    """Remove posts from the keys stored by these tasks."""
    bands = IntermediatePartition.objects.filter(
        snapshot=snapshot_id, kind=IntermediatePartition.Kind.BANDS, source__in=list(sources)
    )
    for laid_down in bands.order_by("pk").iterator(chunk_size=100):
        array = np.frombuffer(laid_down.data, BAND)
        kept = array[~np.isin(array["id"], ids)]
        if len(kept) < len(array):
            laid_down.data = kept.tobytes()
            laid_down.save(update_fields=["data"])


def group_by_partition(array: Array, parts: npt.NDArray[np.int64]) -> Iterator[tuple[int, Array]]:
    """Yield an array's elements by partition, given the partition of each."""
    order = np.argsort(parts, kind="stable")
    array, parts = array[order], parts[order]
    numbers, starts = np.unique(parts, return_index=True)
    for number, start, end in zip(
        numbers.tolist(), starts, [*starts[1:], len(parts)], strict=False
    ):
        yield number, array[start:end]
