"""Texts of several lines are counted as the browser counted them, and stored with line ends of one kind."""

import importlib
import pkgutil

import pytest
from django import forms
from django.contrib import admin

import accounts
import common
import consent
import dataset_export
import posts
import timeline
from accounts.forms import ProfileForm
from common.forms import MultilineField
from consent.models import NoticeDraft
from dataset_export.access.forms import AccessRequestForm
from dataset_export.access.terms import ensure_terms
from dataset_export.models import AccessTerms
from posts.forms.compose import PostForm, ThreadPostForm
from posts.forms.media import PictureForm
from posts.models import Media
from timeline.admin import StaffMessageForm

LIMITS = {
    "bio": (lambda data: ProfileForm(data), "bio", 500),
    "description": (lambda data: PictureForm(data, instance=Media(pk=1)), "alt", 1500),
    "purpose": (lambda data: AccessRequestForm(data), "purpose", 2000),
    "message": (lambda data: StaffMessageForm(data), "text", 2000),
    "post": (lambda data: PostForm(data, parent=None), "text", 500),
    "part": (lambda data: ThreadPostForm(data, number=1, text=""), "text", 500),
}


@pytest.mark.parametrize("line_end", ["\r\n", "\r", "\n"], ids=["CRLF", "CR", "LF"])
@pytest.mark.parametrize("what", LIMITS)
def test_multiline_text_with_line_ends_counted_as_browsers_do(db, what, line_end):
    make, field, limit = LIMITS[what]
    as_sent = line_end.join(["a"] * 5 + ["a" * (limit - 10)])
    assert len(as_sent.replace(line_end, "\n")) == limit
    form = make({})
    for text, fits in ((as_sent, True), (as_sent + "a", False)):
        form = make({form.add_prefix(field): text})
        form.full_clean()
        assert (field not in form.errors) is fits, (len(text), form.errors)
        if fits:
            assert form.cleaned_data[field] == as_sent.replace(line_end, "\n")


@pytest.mark.parametrize("model", [NoticeDraft, AccessTerms])
def test_texts_of_the_admin_stored_with_line_ends_of_one_kind(rf, admin_user, model):
    ensure_terms()
    request = rf.get("/")
    request.user = admin_user
    field = admin.site.get_model_admin(model).get_form(request, fields=["text"])().fields["text"]
    assert field.clean("a\r\nb\rc") == "a\nb\nc"


def test_every_form_with_a_textarea_counts_so():
    for app in (accounts, common, consent, dataset_export, posts, timeline):
        for module in pkgutil.walk_packages(app.__path__, f"{app.__name__}."):
            if "forms" in module.name or "admin" in module.name:
                importlib.import_module(module.name)
    ours = [
        form for form in all_subclasses(forms.BaseForm) if form.__module__.split(".")[0] in APPS
    ]
    fields = [
        (form.__name__, name, field)
        for form in ours
        for name, field in getattr(form, "base_fields", {}).items()
        if type(field.widget).__name__ == "Textarea"
    ]
    assert len(fields) > 5
    # JSON has no use for the difference.
    assert [
        each[:2] for each in fields if not isinstance(each[2], MultilineField | forms.JSONField)
    ] == []


APPS = ("accounts", "common", "consent", "dataset_export", "posts", "timeline")


def all_subclasses(kind: type) -> set[type]:
    return {kind}.union(*(all_subclasses(each) for each in kind.__subclasses__()))
