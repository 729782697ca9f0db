"""Recipes for people: in words, with the lists that they name, and unchangeable once a snapshot rests on them."""

import json

import pytest
from django.db import DatabaseError, transaction

from dataset_export.builds.recipe_descriptions import (
    STEP_DESCRIPTIONS,
    describe_output,
    steps_in_words,
)
from dataset_export.builds.services import start_build
from dataset_export.models import Recipe
from dataset_export.pipeline.recipe import (
    _KINDS,
    CONVERSATIONS_DEFAULT,
    DEFAULTS,
    PRETRAINING_DEFAULT,
)
from dataset_export.pipeline.recipe import RecipeSpec as Steps
from tests.dataset_export.test_admin import RECIPES, browser_of
from tests.factories import evaluation_list, recipe, snapshot


@pytest.fixture
def builder(db):
    return browser_of("builder", "Snapshot builders")


def test_every_kind_of_step_has_words():
    assert set(STEP_DESCRIPTIONS) == set(_KINDS)


@pytest.mark.parametrize("name", DEFAULTS)
def test_the_defaults_read_from_top_to_bottom(name):
    steps = Steps.parse(DEFAULTS[name])
    words = steps_in_words(steps)
    assert [step.name for step in words] == [step["step"] for step in steps.steps]
    assert all(step.text.endswith(".") and "{" not in step.text for step in words)


def test_options_are_said_in_words():
    words = {step.name: step.text for step in steps_in_words(Steps.parse(PRETRAINING_DEFAULT))}
    assert "at least 50% sure" in words["language"]
    assert "5,000 posts of each author" in words["author_cap"]
    assert "0.50% of the threads for tests" in words["split"]
    assert "any list that is here" in words["decontaminate"]
    assert describe_output(Steps.parse(CONVERSATIONS_DEFAULT)) == [
        "Conversations: one row for each thread with 2 to 200 messages of at least 2 people.",
        "Files of at most 20,000 rows or 32 MiB of text each.",
    ]


def naming(*lists: str) -> dict:
    steps = [
        {**step, "lists": list(lists)} if step["step"] == "decontaminate" else step
        for step in STEPS
    ]
    return {**PRETRAINING_DEFAULT, "steps": steps}


STEPS = PRETRAINING_DEFAULT["steps"]
PLACE = f"steps[{[step['step'] for step in STEPS].index('decontaminate')}].lists"


def form(**fields) -> dict:
    return {"name": "mine", "version": "", "data": json.dumps(PRETRAINING_DEFAULT), **fields}


def errors(page) -> dict[str, list[str]]:
    return page.context["adminform"].form.errors


def test_a_list_that_is_not_there_is_named_with_its_place(builder):
    evaluation_list("sums-1.0")
    page = builder.post(f"{RECIPES}/add/", form(data=json.dumps(naming("sums-1.0", "riddles-2"))))
    [said] = errors(page)["data"]
    assert said.startswith(f"{PLACE}: ")
    assert "riddles-2" in said
    assert "sums" not in said
    assert (
        builder.post(f"{RECIPES}/add/", form(data=json.dumps(naming("sums-1.0")))).status_code
        == 302
    )


def test_a_mistake_is_said_once_and_beside_its_field(builder):
    page = builder.post(f"{RECIPES}/add/", form(data="[]"))
    assert errors(page) == {"data": ["a recipe must be an object"]}
    page = builder.post(f"{RECIPES}/add/", form(data="{"))
    assert list(errors(page)) == ["data"]
    assert ">{</textarea>" in page.content.decode().replace("\n", "")


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ('{\n  "steps": [}', "Invalid JSON at line 2, column 13: Expecting value."),
        ("[" * 100_000 + "]" * 100_000, "The JSON is nested too deeply."),
        ('{"shards": {"rows": ' + "9" * 5_000 + "}}", "Unreadable: Exceeds the limit"),
        (
            '{"shards": {"rows": 1, "rows": 2}}',
            "Unreadable: the key rows occurs twice in one object.",
        ),
        ("", "This field is required."),
    ],
)
def test_what_is_no_json_is_refused_with_the_place(builder, typed, said):
    [problem] = errors(builder.post(f"{RECIPES}/add/", form(data=typed)))["data"]
    assert problem.startswith(said)


def test_a_version_that_exists_is_refused_beside_its_field_and_the_next_is_found(builder):
    for version in ("", "", "7", ""):
        assert builder.post(f"{RECIPES}/add/", form(version=version)).status_code == 302
    assert sorted(Recipe.objects.values_list("version", flat=True)) == [1, 2, 7, 8]
    page = builder.post(f"{RECIPES}/add/", form(version="7"))
    assert list(errors(page)) == ["version"]
    assert builder.post(f"{RECIPES}/add/", form(version="0")).status_code == 200


def test_a_new_version_begins_as_the_one_it_was_asked_from(builder):
    old = Recipe.objects.create(name="mine", version=3, data=CONVERSATIONS_DEFAULT)
    page = builder.get(f"{RECIPES}/{old.pk}/change/").content.decode()
    assert f"{RECIPES}/add/?from={old.pk}" in page
    initial = builder.get(f"{RECIPES}/add/?from={old.pk}").context["adminform"].form.initial
    assert (initial["name"], initial["data"]) == ("mine", CONVERSATIONS_DEFAULT)
    for wrong in ("", "x", "-1", "0", "9" * 300):
        assert builder.get(f"{RECIPES}/add/?from={wrong}").status_code == 200


def test_the_page_of_a_recipe_says_what_it_does_and_who_used_it(builder):
    used = recipe()
    made = snapshot("letters", recipe=used)
    page = builder.get(f"{RECIPES}/{used.pk}/change/").content.decode()
    assert "Keeps the first of posts that say exactly the same." in page
    assert f"/admin/dataset_export/snapshot/{made.pk}/change/" in page
    assert "Create a new version" in page
    assert "&quot;steps&quot;" in page


def test_a_recipe_that_is_no_recipe_any_more_still_has_a_page(builder):
    old = Recipe.objects.create(name="old", data={"steps": []})
    assert (
        "This recipe can't be used: " in builder.get(f"{RECIPES}/{old.pk}/change/").content.decode()
    )


CHANGES = {
    "another name": lambda one: Recipe.objects.filter(pk=one.pk).update(name="other"),
    "another version": lambda one: Recipe.objects.filter(pk=one.pk).update(version=9),
    "other steps": lambda one: Recipe.objects.filter(pk=one.pk).update(data={}),
    "no recipe": lambda one: Recipe.objects.filter(pk=one.pk)._raw_delete("default"),
}


@pytest.mark.parametrize("change", CHANGES)
def test_the_database_keeps_a_recipe_that_was_used(db, change):
    used, unused = recipe(), Recipe.objects.create(name="unused", data=PRETRAINING_DEFAULT)
    start_build(snapshot=snapshot(recipe=used))
    before = Recipe.objects.values().get(pk=used.pk)
    with pytest.raises(DatabaseError, match="a snapshot was made by recipe"), transaction.atomic():
        CHANGES[change](used)
    assert Recipe.objects.values().get(pk=used.pk) == before
    CHANGES[change](unused)
