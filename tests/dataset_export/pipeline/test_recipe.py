from copy import deepcopy

import pytest

from dataset_export.pipeline.recipe import CONVERSATIONS_DEFAULT, RecipeError, RecipeSpec
from dataset_export.pipeline.recipe import PRETRAINING_DEFAULT as DEFAULT

from .factories import PSEUDONYMS

STEPS = {step["step"]: step for step in DEFAULT["steps"]}
CONSENT, HUMAN, NORMALISE, LANGUAGE = (
    STEPS[name] for name in ("consent", "authorship", "normalise", "language")
)
PERSONAL, MENTIONS, QUALITY, LISTS = (
    STEPS[name] for name in ("personal_data", "mentions", "quality", "decontaminate")
)
EQUAL, ALIKE, CAP, SPLIT = (
    STEPS[name] for name in ("exact_duplicates", "near_duplicates", "author_cap", "split")
)
MINIMAL_STEPS = (CONSENT, HUMAN, PERSONAL, MENTIONS)


def with_steps(*steps):
    return {"steps": list(steps), "shards": {"rows": 10}}


@pytest.mark.parametrize("data", [DEFAULT, CONVERSATIONS_DEFAULT])
def test_the_defaults_are_fine(data):
    assert RecipeSpec.parse(data).data == data


def test_the_default_reads_top_to_bottom():
    recipe = RecipeSpec.parse(DEFAULT)
    assert recipe.shard_rows == 50_000
    assert recipe.has("near_duplicates")
    assert recipe.shares == {"test": 0.005, "validation": 0.005}
    assert [step.name for step in recipe.build(PSEUDONYMS)] == [
        *("consent", "authorship", "normalise", "language", "personal_data"),
        *("mentions", "quality", "safety", "decontaminate"),
    ]


def test_much_may_be_left_out():
    recipe = RecipeSpec.parse(with_steps(*MINIMAL_STEPS))
    assert not recipe.has("exact_duplicates")
    assert recipe.shares == {}
    assert recipe.evaluation_lists == []
    assert recipe.configurations == ("posts",)
    assert recipe.shard_bytes == 32 * 2**20


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
        (
            {**DEFAULT, "shards": {"rows": 0}},
            "shards.rows: must be a whole number between 1 and 200000",
        ),
        (
            {**DEFAULT, "shards": {"rows": True}},
            "shards.rows: must be a whole number between 1 and 200000",
        ),
        (
            {**DEFAULT, "shards": {"rows": 5, "bytes": 9}},
            "shards.bytes: must be a whole number between 1048576 and ",
        ),
        ({**DEFAULT, "configurations": []}, "configurations: must be a list with at least one"),
        (
            {**DEFAULT, "configurations": ["pictures"]},
            "configurations: may hold posts, conversations only",
        ),
        (
            {**DEFAULT, "configurations": ["posts", "posts"]},
            "configurations: names a configuration twice",
        ),
        (
            {**DEFAULT, "conversations": {}},
            "conversations: is only for a recipe with the configuration",
        ),
        (
            {**CONVERSATIONS_DEFAULT, "conversations": {"length": 3}},
            "conversations.length: is not known",
        ),
        (
            {**CONVERSATIONS_DEFAULT, "conversations": {"minimum_messages": 0}},
            "conversations.minimum_messages: must be a whole number between 1 and 1000",
        ),
        (
            {
                **CONVERSATIONS_DEFAULT,
                "conversations": {"minimum_messages": 5, "maximum_messages": 4},
            },
            "conversations.maximum_messages: is less than the minimum",
        ),
        ({**DEFAULT, "shards": {"rows": 5, "size": 1}}, "shards.size: is not known"),
        (with_steps("consent"), "steps[0]: must be an object"),
        (with_steps({"allow": []}), "steps[0].step: is required"),
        (with_steps(CONSENT, {"step": ["x"]}), "steps[1].step: must be one of consent, "),
        (with_steps(CONSENT, {"step": "sparkle"}), "steps[1].step: must be one of consent, "),
        (with_steps({**CONSENT, "sure": True}), "steps[0].sure: is not known"),
        (with_steps(CONSENT, {"step": "authorship"}), "steps[1].allow: is required"),
        (with_steps(CONSENT, {**HUMAN, "allow": "human"}), "steps[1].allow: must be a list"),
        (with_steps(CONSENT, {**HUMAN, "allow": []}), "steps[1].allow: must be a list"),
        (
            with_steps(CONSENT, {**HUMAN, "allow": [{}]}),
            "steps[1].allow: may hold human, assisted only",
        ),
        (
            with_steps(CONSENT, {**HUMAN, "allow": ["human", "automated"]}),
            "steps[1].allow: may hold human, assisted only",
        ),
        (
            with_steps(CONSENT, {**HUMAN, "allow": ["human", "human"]}),
            "steps[1].allow: names a kind twice",
        ),
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
        (with_steps(CONSENT, HUMAN, PERSONAL, EQUAL), "steps: must hold mentions"),
        (with_steps(CONSENT, HUMAN, MENTIONS), "steps: must hold personal_data"),
        (with_steps(CONSENT, HUMAN, NORMALISE, NORMALISE), "steps[3].step: normalise comes twice"),
        (
            with_steps(CONSENT, HUMAN, PERSONAL, EQUAL, MENTIONS),
            "steps[4].step: mentions must come before exact_dup",
        ),
        (
            with_steps(*MINIMAL_STEPS, ALIKE, EQUAL),
            "steps[5].step: exact_duplicates must come before near_duplicates",
        ),
        (
            with_steps(*MINIMAL_STEPS, SPLIT, CAP),
            "steps[5].step: author_cap must come before split",
        ),
        (
            with_steps(CONSENT, HUMAN, MENTIONS, NORMALISE),
            "steps[3].step: normalise must come before mentions",
        ),
        (
            with_steps(CONSENT, HUMAN, MENTIONS, PERSONAL),
            "steps[3].step: personal_data must come before mentions",
        ),
        (
            with_steps(*MINIMAL_STEPS, {**CAP, "posts": 0}),
            "steps[4].posts: must be a whole number between 1 and 1000000",
        ),
        (
            with_steps(*MINIMAL_STEPS, {**SPLIT, "test": 0.5}),
            "steps[4].test: must be 0.4 at the most",
        ),
        (
            with_steps(*MINIMAL_STEPS, {"step": "split", "test": 0.1}),
            "steps[4].validation: is required",
        ),
        (
            with_steps(*MINIMAL_STEPS, {**LISTS, "lists": "some"}),
            'steps[4].lists: must be "all" or a list of names',
        ),
        (
            with_steps(*MINIMAL_STEPS, {**LISTS, "lists": ["a\0"]}),
            'steps[4].lists: must be "all" or a list of names',
        ),
        (
            with_steps(*MINIMAL_STEPS, {**LISTS, "lists": ["\ud800"]}),
            'steps[4].lists: must be "all" or a list of names',
        ),
        (
            with_steps(*MINIMAL_STEPS, {**LISTS, "lists": ["a", "a"]}),
            "steps[4].lists: names a list twice",
        ),
        (with_steps(*MINIMAL_STEPS, {**QUALITY, "limits": {"sparkle": 1}}), "steps[4].limits: "),
    ],
)
def test_a_mistake_is_named_with_its_place(data, message):
    with pytest.raises(RecipeError) as caught:
        RecipeSpec.parse(data)
    assert str(caught.value).startswith(message)


def test_the_digest_depends_on_what_the_recipe_says_only():
    turned = {
        **dict(reversed(DEFAULT.items())),
        "steps": [dict(reversed(step.items())) for step in DEFAULT["steps"]],
    }
    changed = deepcopy(DEFAULT)
    changed["steps"][3]["minimum_confidence"] = 0.6
    digest = RecipeSpec.parse(DEFAULT).digest
    assert len(digest) == 64
    assert RecipeSpec.parse(turned).digest == digest != RecipeSpec.parse(changed).digest


def test_a_recipe_does_not_change_with_the_data_it_was_read_from():
    data = deepcopy(DEFAULT)
    recipe = RecipeSpec.parse(data)
    digest = recipe.digest
    data["steps"][1]["allow"].append("assisted")
    data["steps"][3]["minimum_confidence"] = 0.1
    recipe.data["steps"][1]["allow"].append("assisted")
    assert recipe.digest == digest
