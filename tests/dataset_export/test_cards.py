"""What is written about a dataset, from a manifest and the schema of its files alone."""

import re
from datetime import UTC, datetime
from typing import Any

import orjson
import pyarrow as pa
import pytest
import yaml
from hypothesis import example, given

from dataset_export.cards.columns import columns, features
from dataset_export.cards.croissant import croissant, with_absolute_urls
from dataset_export.cards.datasheet import datasheet
from dataset_export.cards.facts import CardContext, Layout
from dataset_export.cards.markdown import table
from dataset_export.cards.readme import render_card, size_category
from dataset_export.cards.snippets import snippets
from dataset_export.cards.summary import training_summary
from dataset_export.pipeline.recipe import PRETRAINING_DEFAULT as DEFAULT
from dataset_export.pipeline.rows import POSTS_SCHEMA
from tests.dataset_export.pipeline.strategies import hostile_text

SITE = "https://example.org"
MESSAGE = pa.struct(
    [
        pa.field("role", pa.string()),
        pa.field("content", pa.string()),
        pa.field("reply_to", pa.int32()),
        pa.field("redactions", pa.list_(pa.struct([pa.field("kind", pa.string())]))),
    ]
)
THREADS = pa.schema([pa.field("id", pa.string()), pa.field("messages", pa.list_(MESSAGE))])


def shard(
    split: str = "train", number: int = 0, configuration: str | None = None, format: str = "parquet"
) -> dict:
    """A file as the manifest names it; format 1 of it knew no configurations."""
    folder = "data" if configuration in (None, "posts") else configuration
    ending = {"parquet": "parquet", "jsonl": "jsonl.zst"}[format]
    entry = {
        "path": f"{folder}/{split}-{number:05d}-of-00009.{ending}",
        "format": format,
        "split": split,
    }
    entry |= {"rows": 10, "bytes": 100, "sha256": f"{number:064x}"}
    return entry | ({"configuration": configuration} if configuration else {})


def facts(*shards: dict, **manifest: Any) -> CardContext:
    shards = shards or (shard(), shard(format="jsonl"))
    described = {
        "name": "words",
        "purpose": "fine_tuning",
        "created_at": "2026-11-23T03:00:00.000Z",
        "recipe": {"name": "plain", "version": 3, "digest": "d" * 64, **DEFAULT},
        "code_version": "1",
        "counts": {
            "candidates": 14,
            "kept": 10,
            "dropped": {"language": {"a|b": 4}},
            "changed": {"mentions": 2},
        },
        "authors": 3,
        "languages": {"en": 4, "zh-Hant": 3, "und": 2, "de": 1},
        "length_histogram": [
            {"from": 0, "to": 9, "posts": 0},
            {"from": 10, "to": None, "posts": 10},
        ],
        "merkle_root": "a" * 64,
        "shards": list(shards),
        **manifest,
    }
    unpacked = {entry["split"]: 1000 for entry in shards}
    layouts = {"posts": Layout(POSTS_SCHEMA, unpacked)}
    if any(entry.get("configuration") == "conversations" for entry in shards):
        layouts["conversations"] = Layout(THREADS, unpacked)
    return CardContext(
        manifest=described,
        site=SITE,
        terms=f"{SITE}/data-terms",
        owner="commonplace",
        version="v2.0",
        commit="c" * 40,
        purpose_label="Fine-tuning",
        published_at=datetime(2026, 11, 23, 4, 5, tzinfo=UTC),
        layouts=layouts,
    )


EVERYTHING = (
    shard("test", 0, "posts"),
    shard("train", 0, "posts"),
    shard("train", 1, "posts"),
    shard("train", 0, "conversations"),
)


def front(facts: CardContext) -> dict:
    return yaml.safe_load(render_card(facts).decode().split("---\n")[1])


def test_the_front_matter_of_the_card():
    found = front(facts())
    assert found["license"] == "other"
    assert found["license_name"] == "commonplace-fine-tuning"
    assert found["license_link"] == f"{SITE}/data-terms"
    assert found["language"] == ["de", "en", "zh"]
    assert found["language_bcp47"] == ["zh-Hant"]
    assert found["size_categories"] == ["n<1K"]
    assert found["configs"] == [
        {
            "config_name": "posts",
            "default": True,
            "data_files": [{"split": "train", "path": "data/train-*.parquet"}],
        }
    ]
    (info,) = found["dataset_info"]
    assert info["splits"] == [{"name": "train", "num_bytes": 1000, "num_examples": 10}]
    assert (info["download_size"], info["dataset_size"]) == (100, 1000)


def test_configurations_and_splits_come_from_the_list_of_files():
    found = front(facts(*EVERYTHING))
    assert [
        (config["config_name"], config.get("default", False)) for config in found["configs"]
    ] == [
        ("posts", True),
        ("conversations", False),
    ]
    assert [split["split"] for split in found["configs"][0]["data_files"]] == ["train", "test"]
    assert found["configs"][1]["data_files"][0]["path"] == "conversations/train-*.parquet"
    posts, _ = found["dataset_info"]
    assert {split["name"]: split["num_examples"] for split in posts["splits"]} == {
        "train": 20,
        "test": 10,
    }


def test_features_follow_the_schema():
    assert features(THREADS) == [
        {"name": "id", "dtype": "string"},
        {
            "name": "messages",
            "list": [
                {"name": "role", "dtype": "string"},
                {"name": "content", "dtype": "string"},
                {"name": "reply_to", "dtype": "int32"},
                {"name": "redactions", "list": [{"name": "kind", "dtype": "string"}]},
            ],
        },
    ]
    kinds = pa.schema(
        [("a", pa.bool_()), ("b", pa.float64()), ("c", pa.list_(pa.string())), ("d", pa.float32())]
    )
    assert [entry.get("dtype") or entry["list"] for entry in features(kinds)] == [
        "bool",
        "float64",
        "string",
        "float32",
    ]


@pytest.mark.parametrize("schema", [POSTS_SCHEMA, THREADS], ids=["posts", "conversations"])
def test_every_column_is_explained(schema):
    """A new column fails here until it has its words."""
    assert [path for path, _, meaning in columns(schema) if not meaning] == []


@pytest.mark.parametrize(
    ("rows", "category"),
    [
        (0, "n<1K"),
        (999, "n<1K"),
        (1000, "1K<n<10K"),
        (10**6, "1M<n<10M"),
        (10**9, "1B<n<10B"),
        (10**12, "n>1T"),
    ],
)
def test_size_categories(rows, category):
    assert size_category(rows) == category


def test_a_data_set_without_rows_has_a_card():
    empty = CardContext(
        **{
            **as_dict(facts()),
            "manifest": facts().manifest | {"shards": [], "languages": {}},
            "layouts": {},
        }
    )
    assert front(empty)["configs"] == []
    assert "language" not in front(empty)
    assert orjson.loads(croissant(empty))["recordSet"] == []


def as_dict(facts: CardContext) -> dict[str, Any]:
    return {name: getattr(facts, name) for name in CardContext.__slots__}


def test_the_card_has_what_the_manifest_counted():
    format_2 = {
        "notices": {"fine_tuning/1/en": 10},
        "redactions": {"email": 5},
        "safety": {"none": 9},
        "tokens_estimated": {"total": 1234, "languages": {"en": 1234}},
        "characters": 5678,
        "duplicates": {"rows": 2, "copies": 3},
        "evaluation_lists": [{"name": "quiz", "sha256": "e" * 64, "texts": 40}],
    }
    text = render_card(facts(**format_2)).decode()
    for line in (
        "| Tokens (an estimate) | 1,234 |",
        "| Posts that they stand for besides | 3 |",
        f"| quiz | `{'e' * 64}` | 40 |",
        "| `language` | a\\|b | 4 |",
        "| `mentions` | 2 |",
        "| `zh-Hant` | 3 |",
        "| `fine_tuning/1/en` | 10 |",
        "| `email` | 5 |",
        "| `none` | 9 |",
        "| 10 and more | 10 |",
        "| posts | train | parquet | 1 | 10 | 100 |",
    ):
        assert line in text.splitlines()
    for heading in (
        "Consent",
        "Load it",
        "Figures",
        "Known limits",
        "Check it",
        "Keep up with removals",
        "Datasheet",
    ):
        assert f"## {heading}" in text.splitlines()
    assert "None" not in text


def test_without_evaluation_lists_nothing_is_said_to_be_decontaminated():
    with_list = facts(evaluation_lists=[{"name": "quiz", "sha256": "e" * 64, "texts": 40}])
    without = facts(evaluation_lists=[])
    unsaid = "decontaminate (without a list of evaluation texts: nothing was compared)"
    assert (
        orjson.loads(croissant(with_list))["rai:dataPreprocessingProtocol"].count("decontaminate")
        == 1
    )
    steps = orjson.loads(croissant(without))["rai:dataPreprocessingProtocol"]
    assert (steps.count("decontaminate"), steps.count(unsaid)) == (0, 1)
    assert "no list of evaluation texts was used" in render_card(without).decode()
    assert "no list of evaluation texts was used" not in render_card(with_list).decode()
    for sections in (
        dict(datasheet(without))["Preprocessing"],
        dict(training_summary(without))["Data processing"],
    ):
        assert any(unsaid in answer for _, answer in sections)


def test_that_people_wrote_it_is_said_as_far_as_it_is_known():
    documents = render_card(facts()).decode() + croissant(facts()).decode()
    assert (
        documents.count(
            "By their authors' own word they wrote these posts themselves; nothing else shows"
        )
        >= 2
    )
    assert "human-written" not in documents
    assert "not by programs" not in documents
    assisted = facts(
        recipe={
            **facts().manifest["recipe"],
            "steps": [{"step": "authorship", "allow": ["human", "assisted"]}],
        }
    )
    assert "themselves or with the help of a program" in render_card(assisted).decode()


def test_the_card_says_in_words_that_texts_were_repaired():
    counts = {**facts().manifest["counts"], "changed": {"normalise": 7}}
    assert "changed 7 of 14 posts. It repairs letters" in render_card(facts(counts=counts)).decode()
    assert "It repairs letters" not in render_card(facts()).decode()


def test_languages_that_are_a_few_wrong_guesses_are_others():
    guessed = {f"x{number:02}": 1 + number % 4 for number in range(60)}
    counts = {"en": 30_000, "pt-BR": 9_000, "und": 1_500, "aa": 40, "yo": 41, **guessed}
    found = facts(languages=counts)
    assert found.languages == {"en": 30_000, "pt-BR": 9_000, "yo": 41}
    assert front(found)["language"] == ["en", "pt", "yo"]
    assert orjson.loads(croissant(found))["inLanguage"] == ["en", "pt-BR", "yo"]
    rows = [
        ("en", 30_000),
        ("pt-BR", 9_000),
        ("und", 1_500),
        ("yo", 41),
        ("others", sum(guessed.values()) + 40),
    ]
    assert found.language_rows(30) == rows
    assert sum(posts for _, posts in rows) == sum(counts.values())
    assert found.language_rows(1) == [("en", 30_000), ("und", 1_500), ("others", 9_000 + 41 + 190)]
    for line in ("| `und` | 1,500 |", "| others | 190 |"):
        assert line in render_card(found).decode().splitlines()


def test_few_posts_have_all_their_languages():
    assert set(facts(languages={"en": 280, "de": 3, "fr": 2}).languages) == {"en", "de"}
    assert set(facts(languages={"en": 4, "de": 1}).languages) == {"en", "de"}


def test_equal_facts_give_equal_bytes():
    assert render_card(facts(*EVERYTHING)) == render_card(facts(*EVERYTHING))
    assert croissant(facts(*EVERYTHING)) == croissant(facts(*EVERYTHING))


@given(hostile_text)
@example("\\|")
@example("a\r| --- |")
def test_no_cell_leaves_its_table(text):
    lines = re.split(r"[\r\n]", table(("One", "Two"), [(text, 1)]))
    assert len(lines) == 3
    assert len(re.findall(r"(?<!\\)\|", lines[2].replace("\\\\", ""))) == 3


def described(*shards: dict, files_at: str = "") -> dict:
    content = croissant(facts(*shards))
    return orjson.loads(with_absolute_urls(content, files_at) if files_at else content)


def test_a_single_file_stands_for_itself_and_several_are_a_set():
    one = described(shard())
    assert [entry["@type"] for entry in one["distribution"]] == ["cr:FileObject"]
    assert one["recordSet"][0]["field"][0]["source"]["fileObject"] == {
        "@id": "data/train-00000-of-00009.parquet"
    }
    many = described(*EVERYTHING)
    assert [entry["@id"] for entry in many["distribution"] if entry["@type"] == "cr:FileSet"] == [
        "posts-parquet"
    ]
    assert [entry["@id"] for entry in many["recordSet"]] == ["posts", "posts-test", "conversations"]
    held_out = many["recordSet"][1]["field"][0]
    assert (held_out["@id"], held_out["source"]["fileObject"]["@id"].split("-")[0]) == (
        "posts-test/id",
        "data/test",
    )


def test_files_are_beside_the_description_or_at_an_address():
    beside, elsewhere = described(*EVERYTHING), described(*EVERYTHING, files_at=f"{SITE}/files")
    assert beside["distribution"][0]["contentUrl"] == "data/train-00000-of-00009.parquet"
    assert (
        elsewhere["distribution"][0]["contentUrl"]
        == f"{SITE}/files/data/train-00000-of-00009.parquet"
    )
    sets = [entry for entry in elsewhere["distribution"] if entry["@type"] == "cr:FileSet"]
    assert [len(entry["containedIn"]) for entry in sets] == [2]


def test_lists_in_lists_are_left_out_of_croissant():
    threads = described(*EVERYTHING)["recordSet"][-1]["field"]
    parts = [part["@id"].rpartition("/")[2] for part in threads[1]["subField"]]
    assert parts == ["role", "content", "reply_to"]


def test_croissant_says_what_it_may_be_used_for():
    found = described()
    assert found["conformsTo"] == [
        "http://mlcommons.org/croissant/1.1",
        "http://mlcommons.org/croissant/RAI/1.0",
    ]
    assert found["usageInfo"] == found["license"] == f"{SITE}/data-terms"
    assert found["rai:dataUseCases"] == [
        "Permitted: fine-tuning. Everything else is not, as no author was asked for it."
    ]
    assert found["version"] == "2.0.0"


def test_the_datasheet_has_its_seven_sections():
    assert [title for title, _ in datasheet(facts())] == [
        "Motivation",
        "Composition",
        "Collection",
        "Preprocessing",
        "Uses",
        "Distribution",
        "Maintenance",
    ]
    assert all(
        question and answer for _, answers in datasheet(facts()) for question, answer in answers
    )


@pytest.mark.parametrize(
    ("manifest", "size"),
    [
        ({}, "fewer than 1 billion tokens"),
        ({"tokens_estimated": {"total": 1234}}, "about 1,234 tokens, that is fewer than 1 billion"),
        (
            {"tokens_estimated": {"total": 2 * 10**9}},
            "about 2,000,000,000 tokens, that is 1 billion to 10 trillion",
        ),
    ],
)
def test_the_public_summary_gives_size_languages_and_sources(manifest, size):
    sections = {title: dict(fields) for title, fields in training_summary(facts(**manifest))}
    assert sections["General information"]["Size"] == f"10 posts; {size}"
    assert sections["General information"]["Languages"] == "en (4), zh-Hant (3), de (1)"
    assert sections["General information"]["Latest date of acquisition"] == "2026-11-23"
    assert sections["List of data sources"]["Synthetic data"].startswith("None.")
    assert set(sections["Data processing"]) >= {"Removal of illegal content", "Personal data"}


def test_what_is_there_to_copy_has_the_sites_address_and_runs():
    found = snippets(facts())
    assert any(SITE in snippet.code for snippet in found)
    for snippet in found:
        if snippet.language == "python":
            compile(snippet.code, snippet.title, "exec")
