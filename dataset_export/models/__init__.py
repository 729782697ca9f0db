from dataset_export.models.access import AccessRequest, AccessTerms, Download
from dataset_export.models.audit import AuditEntry
from dataset_export.models.build import BuildTask, DroppedPost, IntermediatePartition, StagedPost
from dataset_export.models.document import Document
from dataset_export.models.evaluation import EvaluationList
from dataset_export.models.notification import (
    Acknowledgement,
    RemovalAnnouncement,
    RemovalNotice,
    Webhook,
    WebhookMessage,
)
from dataset_export.models.recipe import Recipe
from dataset_export.models.removal import (
    Exclusion,
    HeldRow,
    Removal,
    Revision,
    ShardRewrite,
    VacuumRequest,
)
from dataset_export.models.review import ReviewStatistics
from dataset_export.models.shard import RowProvenance, Shard, ShardChunk
from dataset_export.models.snapshot import Snapshot

__all__ = [
    "AccessRequest",
    "AccessTerms",
    "Acknowledgement",
    "AuditEntry",
    "BuildTask",
    "Document",
    "Download",
    "DroppedPost",
    "EvaluationList",
    "Exclusion",
    "HeldRow",
    "IntermediatePartition",
    "Recipe",
    "Removal",
    "RemovalAnnouncement",
    "RemovalNotice",
    "ReviewStatistics",
    "Revision",
    "RowProvenance",
    "Shard",
    "ShardChunk",
    "ShardRewrite",
    "Snapshot",
    "StagedPost",
    "VacuumRequest",
    "Webhook",
    "WebhookMessage",
]
