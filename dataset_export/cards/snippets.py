"""Commands and programs to copy, with this site's address in them."""

from dataclasses import dataclass

from dataset_export.cards.facts import Facts


@dataclass(frozen=True, slots=True)
class Snippet:
    """Something to copy; the shorter ones are in the card too."""

    title: str
    language: str
    code: str
    in_card: bool = False


def snippets(facts: Facts) -> list[Snippet]:
    """Return how to get the data with each tool."""
    address = f"{facts.site}/datasets/{facts.repository}/resolve/main"
    path = first_parquet(facts)
    return [
        Snippet("First, for all of them", "bash", environment(facts), in_card=True),
        Snippet("datasets", "python", datasets(facts), in_card=True),
        Snippet("hf", "bash", command_line(facts), in_card=True),
        Snippet("huggingface_hub", "python", huggingface_hub(facts, path)),
        Snippet("pandas", "python", pandas(facts, path)),
        Snippet("Polars", "python", polars(facts)),
        Snippet("DuckDB", "sql", duckdb(facts)),
        Snippet("mlcroissant", "python", mlcroissant(facts), in_card=True),
        Snippet("curl, which goes on where it stopped", "bash", curl(address, path)),
        Snippet("Check what you have", "bash", check(facts)),
    ]


def first_parquet(facts: Facts) -> str:
    paths = [file.path for splits in facts.parquet_files().values() for files in splits.values() for file in files]
    return paths[0] if paths else "manifest.json"


def environment(facts: Facts) -> str:
    return f"export HF_ENDPOINT={facts.site}\nexport HF_TOKEN=cp_…"


def datasets(facts: Facts) -> str:
    return f"""from datasets import load_dataset

posts = load_dataset("{facts.repository}", split="train")
stream = load_dataset("{facts.repository}", split="train", streaming=True)
this_state = load_dataset("{facts.repository}", revision="{facts.version}")"""


def command_line(facts: Facts) -> str:
    return f"hf download --repo-type dataset {facts.repository} --local-dir {facts.name}"


def huggingface_hub(facts: Facts, path: str) -> str:
    return f"""from huggingface_hub import hf_hub_download, snapshot_download

folder = snapshot_download("{facts.repository}", repo_type="dataset")
file = hf_hub_download("{facts.repository}", "{path}", repo_type="dataset")"""


def pandas(facts: Facts, path: str) -> str:
    return f"""import pandas
from huggingface_hub import hf_hub_download

posts = pandas.read_parquet(hf_hub_download("{facts.repository}", "{path}", repo_type="dataset"))"""


def polars(facts: Facts) -> str:
    return f"""import polars

posts = polars.scan_parquet("{facts.name}/data/*.parquet")  # after `hf download`
english = posts.filter(polars.col("lang") == "en").collect()"""


def duckdb(facts: Facts) -> str:
    files = f"'{facts.name}/data/*.parquet'"
    return f"-- after `hf download`\nSELECT lang, count(*) AS posts\nFROM {files}\nGROUP BY lang ORDER BY posts DESC;"


def mlcroissant(facts: Facts) -> str:
    return f"""import mlcroissant

posts = mlcroissant.Dataset("{facts.name}/croissant.json").records("posts")  # after `hf download`"""


def curl(address: str, path: str) -> str:
    return f"""export TOKEN=cp_…
curl -fC - -H "Authorization: Bearer $TOKEN" --create-dirs -o {path} \\
  {address}/{path}"""


def check(facts: Facts) -> str:
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
