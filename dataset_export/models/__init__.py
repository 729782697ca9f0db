from dataset_export.models.access import AccessRequest, AccessTerms, Download
from dataset_export.models.audit import AuditEntry
from dataset_export.models.build import BuildRange, Candidate
from dataset_export.models.document import Document
from dataset_export.models.recipe import Recipe
from dataset_export.models.shard import Record, Shard, ShardPart
from dataset_export.models.snapshot import Snapshot

__all__ = [
    "AccessRequest",
    "AccessTerms",
    "AuditEntry",
    "BuildRange",
    "Candidate",
    "Document",
    "Download",
    "Recipe",
    "Record",
    "Shard",
    "ShardPart",
    "Snapshot",
]
