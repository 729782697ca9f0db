"""Signatures over rows that give ledger entries their meaning.

An entry names a random subject and a notice. Whose subject it is, and whether a notice was a
material change, are stored in other tables: those rows are signed (Ed25519) with the site's key,
and `verify_log` checks them. A subject's signature is deleted with its account.
"""

import json
from collections.abc import Collection
from uuid import UUID

from consent.models import Notice, Subject
from consent.transparency_log.keys import signing_key
from consent.transparency_log.notes import VerifierKey


def seal_subject(subject_id: UUID, user_id: int) -> bytes:
    """Sign that a subject belongs to an account."""
    return signing_key().sign(_message("subject", str(subject_id), user_id))


def seal_notice(notice: Notice) -> bytes:
    """Sign a notice and whether earlier grants carry over to it."""
    return signing_key().sign(_notice_message(notice))


def is_sealed_subject(subject: Subject, keys: Collection[VerifierKey]) -> bool:
    return _is_signed(
        bytes(subject.seal), _message("subject", str(subject.pk), subject.user_id), keys
    )


def is_sealed_notice(notice: Notice, keys: Collection[VerifierKey]) -> bool:
    return _is_signed(bytes(notice.seal), _notice_message(notice), keys)


def _notice_message(notice: Notice) -> bytes:
    return _message(
        "notice",
        f"{notice.purpose}/{notice.version}/{notice.language}",
        bytes(notice.text_sha256).hex(),
        notice.is_material,
    )


def _message(kind: str, *content: str | int | bool) -> bytes:
    return f"commonplace {kind} v1\n{json.dumps(content, separators=(',', ':'))}".encode()


def _is_signed(seal: bytes, message: bytes, keys: Collection[VerifierKey]) -> bool:
    return any(key.verifies(seal, message) for key in keys)
