from dataset_export.models.build import BuildRange, Candidate
from dataset_export.models.recipe import Recipe
from dataset_export.models.shard import Record, Shard, ShardPart
from dataset_export.models.snapshot import Snapshot

__all__ = [
    "BuildRange",
    "Candidate",
    "Recipe",
    "Record",
    "Shard",
    "ShardPart",
    "Snapshot",
]
