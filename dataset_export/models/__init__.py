from dataset_export.models.access import AccessRequest, AccessTerms, Download
from dataset_export.models.audit import AuditEntry
from dataset_export.models.build import BuildRange, Candidate, Drop, Spill
from dataset_export.models.document import Document
from dataset_export.models.evaluation import EvaluationList
from dataset_export.models.notification import (
    Acknowledgement,
    Announcement,
    Notice,
    Webhook,
    WebhookMessage,
)
from dataset_export.models.recipe import Recipe
from dataset_export.models.removal import Exclusion, HeldRow, Removal, Revision, Rewrite, Scrub
from dataset_export.models.review import ReviewFigures
from dataset_export.models.shard import Record, Shard, ShardPart
from dataset_export.models.snapshot import Snapshot

__all__ = [
    "AccessRequest",
    "AccessTerms",
    "Acknowledgement",
    "Announcement",
    "AuditEntry",
    "BuildRange",
    "Candidate",
    "Document",
    "Download",
    "Drop",
    "EvaluationList",
    "Exclusion",
    "HeldRow",
    "Notice",
    "Recipe",
    "Record",
    "Removal",
    "ReviewFigures",
    "Revision",
    "Rewrite",
    "Scrub",
    "Shard",
    "ShardPart",
    "Snapshot",
    "Spill",
    "Webhook",
    "WebhookMessage",
]
