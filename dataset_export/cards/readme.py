"""The dataset card: YAML metadata and text (huggingface.co/docs/hub/datasets-cards)."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

import yaml

from dataset_export.cards.columns import columns, features
from dataset_export.cards.datasheet import datasheet
from dataset_export.cards.facts import OTHER_LANGUAGES, POSTS_LAYOUT, CardContext, DataFile
from dataset_export.cards.limits import KNOWN_LIMITS
from dataset_export.cards.markdown import escape_markdown, table
from dataset_export.cards.snippets import pattern, snippets

# Upper bounds of the classes of size that the Hub knows, in rows.
_SIZES: Final = (
    (10**3, "n<1K"),
    (10**4, "1K<n<10K"),
    (10**5, "10K<n<100K"),
    (10**6, "100K<n<1M"),
    (10**7, "1M<n<10M"),
    (10**8, "10M<n<100M"),
    (10**9, "100M<n<1B"),
    (10**10, "1B<n<10B"),
)
_MAX_SIZE_CATEGORY: Final = "n>1T"
_MAX_LANGUAGES: Final = 30


def render_card(facts: CardContext) -> bytes:
    """Return README.md."""
    front = yaml.safe_dump(metadata(facts), sort_keys=False, allow_unicode=True, width=1000)
    return f"---\n{front}---\n\n{_body(facts)}\n".encode()


def metadata(facts: CardContext) -> dict[str, Any]:
    """Return the front matter."""
    return {
        "pretty_name": f"{facts.name}, {facts.version}",
        "license": "other",
        "license_name": f"commonplace-{facts.manifest['purpose']}".replace("_", "-"),
        "license_link": facts.terms,
        **_languages(facts),
        "size_categories": [size_category(facts.posts)],
        "task_categories": ["text-generation"],
        "tags": ["consented", "microblog", "short-text", "croissant"],
        "configs": [config(facts, name, splits) for name, splits in facts.parquet_files().items()],
        "dataset_info": [
            info(facts, name, splits) for name, splits in facts.parquet_files().items()
        ],
    }


def _languages(facts: CardContext) -> dict[str, list[str]]:
    """Return the languages: the Hub takes primary subtags, and whole tags in another field."""
    primary = sorted({tag.partition("-")[0].lower() for tag in facts.languages})
    whole = sorted(tag for tag in facts.languages if "-" in tag)
    return ({"language": primary} if primary else {}) | ({"language_bcp47": whole} if whole else {})


def size_category(rows: int) -> str:
    return next((name for bound, name in _SIZES if rows < bound), _MAX_SIZE_CATEGORY)


def config(facts: CardContext, name: str, splits: dict[str, list[DataFile]]) -> dict[str, Any]:
    data_files = [{"split": split, "path": pattern(files)} for split, files in splits.items()]
    return {
        "config_name": name,
        **({"default": True} if name == POSTS_LAYOUT else {}),
        "data_files": data_files,
    }


def info(facts: CardContext, name: str, splits: dict[str, list[DataFile]]) -> dict[str, Any]:
    layout = facts.layouts[name]
    return {
        "config_name": name,
        "features": features(layout.schema),
        "splits": [
            {
                "name": split,
                "num_bytes": layout.unpacked[split],
                "num_examples": sum(file.rows for file in files),
            }
            for split, files in splits.items()
        ],
        "download_size": sum(file.bytes for files in splits.values() for file in files),
        "dataset_size": sum(layout.unpacked.values()),
    }


def _body(facts: CardContext) -> str:
    return "\n\n".join(
        [
            f"# {escape_markdown(facts.name)}",
            introduction(facts),
            f"## Consent\n\n{consent(facts)}",
            "## Load it\n\nMake a token with the scope `datasets:read` under "
            f"<{facts.site}/settings/tokens>, once access is granted.\n\n{loading(facts)}",
            *[f"## Columns of `{name}`\n\n{columns_table(facts, name)}" for name in facts.layouts],
            f"## Figures\n\n{_figures(facts)}",
            "## Known limits\n\n" + "\n".join(f"- {limit}" for limit in KNOWN_LIMITS),
            f"## Check it\n\n{checking(facts)}",
            f"## Keep up with removals\n\n{_removals(facts)}",
            "## Datasheet",
            *datasheet_section(facts),
        ]
    )


def introduction(facts: CardContext) -> str:
    return (
        f"{facts.posts_by_authors}, public on {facts.site}, each with its author's yes to its use for "
        f"**{facts.purpose_label.lower()}**. {facts.written} This is "
        f"{facts.version}, published on {facts.published_at:%Y-%m-%d}; it holds what stood there and was allowed on "
        f"{facts.manifest['created_at']}."
    )


def consent(facts: CardContext) -> str:
    return (
        "Nothing is in here by default. Each author was asked for this one purpose, saw a notice, and said yes, for "
        "all posts or for one; a post's own decision beats the account's. The column `consent` names the notice and "
        f"refers to the decision, which lies in a public, append-only log ([{facts.site}/log/]({facts.site}/log/)). "
        "The reference is a commitment to its place there, so that nobody can find one author in two datasets by it; "
        "site and the author can show which decision it is. Consent was checked at build, at approval by a second "
        "person, and is checked again at every download: a file that holds a row whose author has said no since is not "
        "served."
    )


def loading(facts: CardContext) -> str:
    shown = [
        f"{snippet.title}:\n\n```{snippet.language}\n{snippet.code}\n```"
        for snippet in snippets(facts)
        if snippet.in_card
    ]
    return "\n\n".join(shown)


def columns_table(facts: CardContext, name: str) -> str:
    rows = [
        (f"`{path}`", type, meaning) for path, type, meaning in columns(facts.layouts[name].schema)
    ]
    return table(("Column", "Type", "What it is"), rows)


def _figures(facts: CardContext) -> str:
    return "\n\n".join(f"### {title}\n\n{text}" for title, text in figure_tables(facts))


def figure_tables(facts: CardContext) -> Iterator[tuple[str, str]]:
    """Yield the available tables of figures by title."""
    manifest = facts.manifest
    yield "Files", files_table(facts)
    if sizes := list(size_rows(manifest)):
        yield "Size", table(("What", "Number"), sizes)
    if evaluation_lists := manifest.get("evaluation_lists"):
        rows = [
            (entry["name"], f"`{entry['sha256']}`", entry["texts"]) for entry in evaluation_lists
        ]
        yield "Evaluation texts blocked", table(("List", "SHA-256", "Texts"), rows)
    else:
        yield (
            "Evaluation texts blocked",
            "None: no list of evaluation texts was used. Look for your own in here.",
        )
    yield "Languages", languages_table(facts)
    lengths = [
        (text_length_table(row), row["posts"])
        for row in manifest["length_histogram"]
        if row["posts"]
    ]
    yield "Length in characters", table(("Characters", "Posts"), lengths)
    dropped = [
        (f"`{step}`", reason, posts)
        for step, reasons in manifest["counts"]["dropped"].items()
        for reason, posts in reasons.items()
    ]
    if dropped:
        yield "Left out", table(("Step", "Reason", "Posts"), dropped)
    counted = {
        "Changed": ("Step", manifest["counts"]["changed"]),
        "Replaced in texts": ("Kind", manifest.get("redactions")),
        "Safety labels": ("Label", manifest.get("safety")),
        "Notices agreed to": ("Notice", manifest.get("notices")),
    }
    if repaired := manifest["counts"]["changed"].get("normalise"):
        yield "Repaired", repairs(repaired, manifest["counts"]["candidates"])
    for title, (head, counts) in counted.items():
        if counts:
            yield (
                title,
                table((head, "Number"), [(f"`{name}`", number) for name, number in counts.items()]),
            )


def repairs(posts: int, candidates: int) -> str:
    return (
        f"The step `normalise` changed {posts:,} of {candidates:,} posts. It repairs letters that a wrong encoding "
        "broke and undoes escaped HTML, where the whole text shows it, takes out invisible characters, and tidies "
        "blanks between words and at the ends of lines. Indentation and tables stay."
    )


def files_table(facts: CardContext) -> str:
    """Summarize the files: there may be thousands, all listed in the manifest."""
    groups: dict[tuple[str, str, str], list[DataFile]] = {}
    for file in facts.files:
        groups.setdefault((file.configuration, file.split, file.format), []).append(file)
    lines = [
        (*key, len(files), sum(file.rows for file in files), sum(file.bytes for file in files))
        for key, files in groups.items()
    ]
    return table(("Configuration", "Split", "Format", "Files", "Rows", "Bytes"), lines)


def size_rows(manifest: Mapping[str, Any]) -> Iterator[tuple[str, int]]:
    """Yield size figures, from manifest format 2 on."""
    if "tokens_estimated" in manifest:
        yield "Tokens (an estimate)", manifest["tokens_estimated"]["total"]
    if "characters" in manifest:
        yield "Characters", manifest["characters"]
    if "duplicates" in manifest:
        yield "Rows that stand for several posts", manifest["duplicates"]["rows"]
        yield "Posts that they stand for besides", manifest["duplicates"]["copies"]


def languages_table(facts: CardContext) -> str:
    rows = facts.language_rows(_MAX_LANGUAGES)
    return table(
        ("Language", "Posts"),
        [(tag if tag == OTHER_LANGUAGES else f"`{tag}`", posts) for tag, posts in rows],
    )


def text_length_table(row: dict[str, Any]) -> str:
    return f"{row['from']} to {row['to']}" if row["to"] is not None else f"{row['from']} and more"


def checking(facts: CardContext) -> str:
    return (
        "`manifest.json` names every shard, this card and `croissant.json` with their SHA-256, the recipe, the "
        f"versions of code and libraries, and the Merkle root over all rows (`{facts.manifest['merkle_root']}`). "
        "`manifest.json.sig` is the Ed25519 signature of its bytes, in base64, by the key at "
        f"<{facts.site}/api/v1/signing-key>. The commit by which the Hub's clients pin this revision is the beginning "
        f"of the manifest's SHA-256. The consent log can be checked by anybody: <{facts.site}/log/>."
    )


def _removals(facts: CardContext) -> str:
    return (
        "Authors may take posts back at any time. `removals.jsonl` lists the rows that are gone from this revision, "
        "one JSON object a row; it is empty while nobody has taken anything back. Look for a new revision of `main` at "
        f"least as often as the [terms]({facts.terms}) ask for, and clear your copies of what is not in it, also those "
        f"in caches: `hf cache rm dataset/{facts.repository}` and `~/.cache/huggingface/datasets`. `main`, and a name "
        f"such as `{facts.version}`, stand for what is left of the build; pin a commit where the bytes must not change."
    )


def datasheet_section(facts: CardContext) -> Iterator[str]:
    for section, answers in datasheet(facts):
        yield f"### {section}"
        for question, answer in answers:
            yield f"**{question}** {answer}"
