"""Code snippets to load the data, with this site's URL."""

from dataclasses import dataclass

from dataset_export.cards.facts import POSTS_LAYOUT, CardContext, DataFile


@dataclass(frozen=True, slots=True)
class Snippet:
    """A snippet; short ones are also in the card."""

    title: str
    language: str
    code: str
    in_card: bool = False


def snippets(facts: CardContext) -> list[Snippet]:
    """Return a snippet for each tool."""
    path = first_parquet(facts)
    return [
        Snippet("First, for all of them", "bash", environment(facts), in_card=True),
        Snippet("datasets", "python", datasets(facts), in_card=True),
        Snippet("hf", "bash", command_line(facts), in_card=True),
        Snippet("huggingface_hub", "python", huggingface_hub(facts, path)),
        Snippet("JSON Lines with datasets", "python", _json_lines(facts)),
        Snippet("pandas", "python", pandas(facts)),
        Snippet("Polars", "python", polars(facts)),
        Snippet("DuckDB", "sql", duckdb(facts)),
        Snippet("mlcroissant", "python", mlcroissant(facts), in_card=True),
        Snippet("curl (resumable)", "bash", curl(facts, path)),
        Snippet("Check what you have", "bash", check(facts)),
    ]


def first_parquet(facts: CardContext) -> str:
    files = train_files(facts)
    return files[0].path if files else "manifest.json"


def environment(facts: CardContext) -> str:
    return f"export HF_ENDPOINT={facts.site}\nexport HF_TOKEN=cp_…"


def datasets(facts: CardContext) -> str:
    return f"""from datasets import load_dataset

rows = load_dataset("{facts.repository}", split="train")
stream = load_dataset("{facts.repository}", split="train", streaming=True)
this_build = load_dataset("{facts.repository}", revision="{facts.version}")  # less what is taken back"""


def command_line(facts: CardContext) -> str:
    return f"hf download --repo-type dataset {facts.repository} --local-dir {facts.name}"


def huggingface_hub(facts: CardContext, path: str) -> str:
    return f"""from huggingface_hub import hf_hub_download, snapshot_download

folder = snapshot_download("{facts.repository}", repo_type="dataset")
file = hf_hub_download("{facts.repository}", "{path}", repo_type="dataset")"""


def _json_lines(facts: CardContext) -> str:
    """Name the column types: a column that is null throughout a shard would be inferred
    differently.
    """
    files = train_pattern(facts).replace(".parquet", ".jsonl.zst")
    return f"""from datasets import load_dataset, load_dataset_builder

features = load_dataset_builder("{facts.name}").info.features  # after `hf download`, which fetches README.md, too
rows = load_dataset("json", data_files="{files}", features=features, split="train")"""


def pandas(facts: CardContext) -> str:
    return f"""from glob import glob

import pandas

files = sorted(glob("{train_pattern(facts)}"))  # after `hf download`
rows = pandas.concat(map(pandas.read_parquet, files), ignore_index=True)"""


def polars(facts: CardContext) -> str:
    column, explode = language_column(facts)
    return f"""import polars

rows = polars.scan_parquet("{train_pattern(facts)}")  # after `hf download`
languages = rows{explode}.group_by("{column}").len().collect()"""


def duckdb(facts: CardContext) -> str:
    column, explode = language_column(facts)
    language = f"unnest({column})" if explode else column
    return (
        f"-- after `hf download`\nSELECT {language} AS language, count(*) AS rows\nFROM '{train_pattern(facts)}'\n"
        "GROUP BY language ORDER BY rows DESC;"
    )


def mlcroissant(facts: CardContext) -> str:
    return f"""import mlcroissant

dataset = mlcroissant.Dataset("{facts.name}/croissant.json")  # after `hf download`
rows = dataset.records("{main_configuration(facts)}")  # the split train; others are record sets of their own"""


def main_configuration(facts: CardContext) -> str:
    """Return the configuration that loaders take by default."""
    return next(iter(facts.parquet_files()), POSTS_LAYOUT)


def train_files(facts: CardContext) -> list[DataFile]:
    """Return the Parquet files to train on, without held-out splits."""
    splits = facts.parquet_files().get(main_configuration(facts), {})
    return splits.get("train") or next(iter(splits.values()), [])


def train_pattern(facts: CardContext) -> str:
    """Return a glob for the training files in a downloaded folder."""
    files = train_files(facts)
    return f"{facts.name}/{pattern(files)}" if files else f"{facts.name}/data/train-*.parquet"


def pattern(files: list[DataFile]) -> str:
    """Return the glob of a split's files."""
    folder, _, name = files[0].path.rpartition("/")
    return f"{folder}/{name.partition('-')[0]}-*.parquet"


def language_column(facts: CardContext) -> tuple[str, str]:
    """Return the language column, and how Polars unnests lists."""
    if main_configuration(facts) == POSTS_LAYOUT:
        return "lang", ""
    return "languages", '.explode("languages")'


def curl(facts: CardContext, path: str) -> str:
    """Use the commit: its bytes never change, so resumed downloads fit."""
    address = f"{facts.site}/datasets/{facts.repository}/resolve/{facts.commit}"
    return f"""export TOKEN=cp_…
curl -fC - -H "Authorization: Bearer $TOKEN" --create-dirs -o {facts.name}-{facts.version}/{path} \\
  {address}/{path}"""


def check(facts: CardContext) -> str:
    return f"""cd {facts.name}  # after `hf download`
python -c 'import json; [print(f["sha256"], "", f["path"]) for f in json.load(open("manifest.json"))["shards"]]' \\
  | sha256sum --check
curl -fO {facts.site}/api/v1/signing-key
python - <<'END'
import base64, pathlib
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

key, signature = (base64.b64decode(pathlib.Path(name).read_text()) for name in ("signing-key", "manifest.json.sig"))
Ed25519PublicKey.from_public_bytes(key).verify(signature, pathlib.Path("manifest.json").read_bytes())
print("signed by {facts.site}")
END"""
