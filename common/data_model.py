"""Render docs/data-model.md: an entity-relationship diagram (Mermaid) for each app."""

from collections.abc import Iterator

from django.apps import apps
from django.db.models import Field, ForeignKey, Model, OneToOneField

APPS = ("common", "consent", "accounts", "posts", "timeline", "dataset_export")

_INTRODUCTION = """\
# Data model

The models of each app with their columns and foreign keys. A model of another app appears without
columns. This page is generated from the code by `python manage.py describe_models`; a test holds it
current. Functions and triggers are in [database-objects.md](database-objects.md).
"""


def render_data_model() -> str:
    """Return the page as Markdown."""
    return "\n".join([_INTRODUCTION, *(_render_app(label) for label in APPS)])


def _render_app(label: str) -> str:
    models = sorted(
        apps.get_app_config(label).get_models(), key=lambda model: model._meta.object_name or ""
    )
    entities = [line for model in models for line in _list_entity_lines(model)]
    relations = sorted(line for model in models for line in _list_relations(model))
    diagram = "\n".join(["```mermaid", "erDiagram", *entities, *relations, "```"])
    return f"## {label}\n\n{diagram}\n"


def _list_entity_lines(model: type[Model]) -> Iterator[str]:
    yield f"    {model._meta.object_name} {{"
    for field in model._meta.local_concrete_fields:
        yield f"        {_get_type(field)} {field.column}{_get_key(field)}"
    yield "    }"


def _get_type(field: Field) -> str:
    target = field.target_field if isinstance(field, ForeignKey) else field
    return target.get_internal_type().removesuffix("Field").lower()


def _get_key(field: Field) -> str:
    keys = ["PK"] if field.primary_key else []
    if isinstance(field, ForeignKey):
        keys.append("FK")
    return f" {', '.join(keys)}" if keys else ""


def _list_relations(model: type[Model]) -> Iterator[str]:
    """Yield a line for each foreign key: one to one, or one to many."""
    for field in model._meta.local_concrete_fields:
        if isinstance(field, ForeignKey):
            parent = "|o" if field.null else "||"
            child = "o|" if isinstance(field, OneToOneField) else "o{"
            target = field.remote_field.model._meta.object_name
            yield f"    {target} {parent}--{child} {model._meta.object_name} : {field.name}"
