from copy import deepcopy

import pytest

from dataset_export.pipeline.recipe import DEFAULT, Recipe, RecipeError

from .factories import PSEUDONYMS

CONSENT, HUMAN, NORMALISE, LANGUAGE, MENTIONS, DUPLICATES = DEFAULT["steps"]


def with_steps(*steps):
    return {"steps": list(steps), "shards": {"rows": 10}}


def test_the_default_is_fine_and_reads_top_to_bottom():
    recipe = Recipe.parse(DEFAULT)
    assert recipe.data == DEFAULT
    assert recipe.shard_rows == 50_000
    assert recipe.removes_exact_duplicates
    steps = recipe.build(PSEUDONYMS)
    assert [step.name for step in steps] == ["consent", "authorship", "normalise", "language", "mentions"]


def test_duplicates_may_stay():
    assert not Recipe.parse(with_steps(CONSENT, HUMAN, MENTIONS)).removes_exact_duplicates


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (None, "a recipe must be an object"),
        ([], "a recipe must be an object"),
        ({}, "shards: is required"),
        ({**DEFAULT, "colour": 1}, "colour: is not known"),
        ({**DEFAULT, 3: 1}, "3: is not known"),
        ({**DEFAULT, "steps": {}}, "steps: must be a list with at least one step"),
        ({**DEFAULT, "steps": []}, "steps: must be a list with at least one step"),
        ({**DEFAULT, "shards": 5}, "shards: must be an object"),
        ({**DEFAULT, "shards": {}}, "shards.rows: is required"),
        ({**DEFAULT, "shards": {"rows": 0}}, "shards.rows: must be a whole number between 1 and 1000000"),
        ({**DEFAULT, "shards": {"rows": True}}, "shards.rows: must be a whole number between 1 and 1000000"),
        ({**DEFAULT, "shards": {"rows": 5, "size": 1}}, "shards.size: is not known"),
        (with_steps("consent"), "steps[0]: must be an object"),
        (with_steps({"allow": []}), "steps[0].step: is required"),
        (with_steps(CONSENT, {"step": ["x"]}), "steps[1].step: must be one of consent, "),
        (with_steps(CONSENT, {"step": "sparkle"}), "steps[1].step: must be one of consent, "),
        (with_steps({**CONSENT, "sure": True}), "steps[0].sure: is not known"),
        (with_steps(CONSENT, {"step": "authorship"}), "steps[1].allow: is required"),
        (with_steps(CONSENT, {**HUMAN, "allow": "human"}), "steps[1].allow: must be a list"),
        (with_steps(CONSENT, {**HUMAN, "allow": []}), "steps[1].allow: must be a list"),
        (with_steps(CONSENT, {**HUMAN, "allow": [{}]}), "steps[1].allow: may hold human, assisted only"),
        (
            with_steps(CONSENT, {**HUMAN, "allow": ["human", "automated"]}),
            "steps[1].allow: may hold human, assisted only",
        ),
        (with_steps(CONSENT, {**HUMAN, "allow": ["human", "human"]}), "steps[1].allow: names a kind twice"),
        (
            with_steps(CONSENT, HUMAN, {**LANGUAGE, "minimum_confidence": 1.5}),
            "steps[2].minimum_confidence: must be between 0 and 1",
        ),
        (
            with_steps(CONSENT, HUMAN, {**LANGUAGE, "minimum_confidence": float("nan")}),
            "steps[2].minimum_confidence: must be between 0 and 1",
        ),
        (
            with_steps(CONSENT, HUMAN, {**LANGUAGE, "minimum_confidence": "0.5"}),
            "steps[2].minimum_confidence: must be a number",
        ),
        (
            with_steps(CONSENT, HUMAN, {**LANGUAGE, "minimum_confidence": True}),
            "steps[2].minimum_confidence: must be a number",
        ),
        (with_steps(HUMAN, CONSENT), "steps[0].step: must be consent"),
        (with_steps(CONSENT, NORMALISE), "steps: must hold authorship"),
        (with_steps(CONSENT, HUMAN, NORMALISE, DUPLICATES), "steps: must hold mentions"),
        (with_steps(CONSENT, HUMAN, NORMALISE, NORMALISE), "steps[3].step: normalise comes twice"),
        (with_steps(CONSENT, HUMAN, DUPLICATES, MENTIONS), "steps[2].step: exact_duplicates must come last"),
        (with_steps(CONSENT, HUMAN, MENTIONS, NORMALISE), "steps[3].step: normalise must come before mentions"),
    ],
)
def test_a_mistake_is_named_with_its_place(data, message):
    with pytest.raises(RecipeError) as caught:
        Recipe.parse(data)
    assert str(caught.value).startswith(message)


def test_the_digest_depends_on_what_the_recipe_says_only():
    turned = {"shards": DEFAULT["shards"], "steps": [dict(reversed(step.items())) for step in DEFAULT["steps"]]}
    changed = deepcopy(DEFAULT)
    changed["steps"][3]["minimum_confidence"] = 0.6
    digest = Recipe.parse(DEFAULT).digest
    assert len(digest) == 64
    assert Recipe.parse(turned).digest == digest != Recipe.parse(changed).digest


def test_a_recipe_does_not_change_with_the_data_it_was_read_from():
    data = deepcopy(DEFAULT)
    recipe = Recipe.parse(data)
    digest = recipe.digest
    data["steps"][1]["allow"].append("assisted")
    data["steps"][3]["minimum_confidence"] = 0.1
    recipe.data["steps"][1]["allow"].append("assisted")
    assert recipe.digest == digest
