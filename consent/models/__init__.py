from consent.models.crawler import Crawler
from consent.models.event import ConsentEvent
from consent.models.log import Checkpoint, LogKey, LogNode
from consent.models.notice import Language, Notice, NoticeDraft
from consent.models.request import BulkDecision, IdempotencyKey
from consent.models.state import ConsentState
from consent.models.subject import Subject

__all__ = [
    "BulkDecision",
    "Checkpoint",
    "ConsentEvent",
    "ConsentState",
    "Crawler",
    "IdempotencyKey",
    "Language",
    "LogKey",
    "LogNode",
    "Notice",
    "NoticeDraft",
    "Subject",
]
