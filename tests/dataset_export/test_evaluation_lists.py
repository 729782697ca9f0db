"""Evaluation lists: read from a file with its mistakes named, kept as hashes only, and for good."""

import io
import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, transaction

from dataset_export.admin import evaluation
from dataset_export.builds.evaluation_lists import (
    InvalidEvaluationListError,
    ngrams_in,
    parse_texts,
)
from dataset_export.builds.services import start_build
from dataset_export.models import EvaluationList
from tests.dataset_export.test_admin import browser_of
from tests.factories import evaluation_list, snapshot

LISTS = "/admin/dataset_export/evaluationlist"
TEXT = "If three loaves of bread cost six coins, what does one of the loaves cost?"


@pytest.fixture
def builder(db):
    return browser_of("builder", "Snapshot builders")


def lines(*rows: object) -> bytes:
    return b"".join(json.dumps(row).encode() + b"\n" for row in rows)


@pytest.mark.parametrize(
    ("content", "field", "texts"),
    [
        (b"one\ntwo\n", "", ["one", "two"]),
        (b"\n  one  \r\n\n\ntwo", "", ["one", "two"]),
        ("\ufeffeins\nzwei".encode(), "", ["eins", "zwei"]),
        (b"{one\n[2]\n", "", ["{one", "[2]"]),
        (
            lines({"question": "one", "answer": 7}, {"question": "t\nw\x00o"}),
            "question",
            ["one", "t\nw\x00o"],
        ),
    ],
)
def test_texts_of_a_file(content, field, texts):
    assert parse_texts(io.BytesIO(content), field) == texts


@pytest.mark.parametrize(
    ("content", "field", "says"),
    [
        (b"", "", "The file is empty."),
        (b" \n\n", "", "The file is empty."),
        (b"one\n\xff\xfe\n", "", "Line 2 is not UTF-8."),
        ("Straße".encode("latin-1"), "", "Line 1 is not UTF-8."),
        (lines({"question": "one"}), "", "Line 1 is a JSON object. Name the field"),
        (
            b'{"question": "one"}\n{"question": \n',
            "question",
            "Line 2 is not JSON: Expecting value.",
        ),
        (b"[" * 100_000, "question", "Line 1 is not JSON"),
        (
            lines({"question": "one"}) + b"\n" + lines({"text": "two"}),
            "question",
            "Line 3 has no field question.",
        ),
        (lines(["one"]), "question", "Line 1 has no field question."),
        (lines({"question": ["one"]}), "question", "Line 1: the field question is not text."),
        (lines({"question": None}), "question", "Line 1: the field question is not text."),
    ],
)
def test_mistakes_are_named_with_their_line(content, field, says):
    with pytest.raises(InvalidEvaluationListError) as refused:
        parse_texts(io.BytesIO(content), field)
    assert str(refused.value).startswith(says)


def upload(builder, content: bytes, **fields):
    data = {"name": "sums-1.0", "source": "https://example.org/sums", "field": "", **fields}
    return builder.post(f"{LISTS}/add/", {**data, "file": SimpleUploadedFile("sums.txt", content)})


def test_a_list_is_kept_as_hashes_only(builder):
    assert (
        upload(builder, lines({"q": TEXT}, {"q": TEXT + " And two?"}), field="q").status_code == 302
    )
    kept = EvaluationList.objects.get()
    assert (kept.name, kept.texts, kept.created_by.username) == ("sums-1.0", 2, "builder")
    assert ngrams_in(kept) > 2
    assert len(kept.sha256) == 64
    stored = str(EvaluationList.objects.values().get()) + bytes(kept.ngrams).decode("latin-1")
    assert "loaves" not in stored
    page = builder.get(f"{LISTS}/{kept.pk}/change/").content.decode()
    assert kept.sha256 in page
    assert f"{ngrams_in(kept):,}" in page


@pytest.mark.parametrize(
    ("content", "fields", "field", "says"),
    [
        (b"\xff", {}, "file", "Line 1 is not UTF-8"),
        (b"", {}, "file", "empty"),
        (b"\n", {}, "file", "The file is empty."),
        (b"two words\n", {}, "file", "too short"),
        (b"{", {"field": "q"}, "file", "Line 1 is not JSON"),
        (TEXT.encode(), {"name": "Two Words"}, "name", "Use a to z"),
        (TEXT.encode(), {"name": "taken"}, "name", "already exists"),
        (TEXT.encode() * 20, {}, "file", "larger than"),
    ],
)
def test_what_is_wrong_is_said_beside_the_field(builder, monkeypatch, content, fields, field, says):
    monkeypatch.setattr(evaluation, "MAX_LIST_BYTES", 1_000)
    evaluation_list("taken")
    page = upload(builder, content, **fields)
    assert page.status_code == 200
    [[name, [said]]] = page.context["adminform"].form.errors.items()
    assert (name, says in said) == (field, True), said
    assert EvaluationList.objects.count() == 1


def test_no_file_is_no_list(builder):
    page = builder.post(f"{LISTS}/add/", {"name": "sums-1.0"})
    assert list(page.context["adminform"].form.errors) == ["file"]


@pytest.fixture
def root(db):
    return browser_of("root", is_superuser=True)


def test_a_list_that_a_snapshot_rests_on_stays(root):
    used = evaluation_list("used")
    start_build(snapshot=snapshot())
    unused = evaluation_list("unused")
    assert root.post(f"{LISTS}/{used.pk}/delete/", {"post": "yes"}).status_code == 403
    assert root.post(f"{LISTS}/{used.pk}/change/", {"name": "other"}).status_code == 403
    root.post(
        f"{LISTS}/", {"action": "delete_selected", "_selected_action": [used.pk], "post": "yes"}
    )
    with pytest.raises(DatabaseError, match="refused"), transaction.atomic():
        used.delete()
    assert EvaluationList.objects.filter(pk=used.pk).exists()
    assert root.post(f"{LISTS}/{unused.pk}/delete/", {"post": "yes"}).status_code == 302
    assert not EvaluationList.objects.filter(pk=unused.pk).exists()


@pytest.mark.parametrize(
    "fields", [{"name": "other"}, {"ngrams": b""}, {"texts": 0}, {"sha256": ""}], ids=str
)
def test_no_list_is_changed_in_the_database(db, fields):
    kept = evaluation_list()
    with pytest.raises(DatabaseError, match="refused"), transaction.atomic():
        EvaluationList.objects.filter(pk=kept.pk).update(**fields)


def test_a_list_outlives_the_account_that_made_it(builder):
    upload(builder, TEXT.encode())
    kept = EvaluationList.objects.get()
    kept.created_by.delete()
    kept.refresh_from_db()
    assert kept.created_by is None
