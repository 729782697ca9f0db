#!/usr/bin/env python3
"""Check a downloaded Commonplace dataset, keep it free of rows that were removed, and say so to the site.

    commonplace_dataset.py verify FOLDER [--key KEY] [--partial]
    commonplace_dataset.py removals FOLDER --site URL --token-file FILE [--key KEY] [--cache]
    commonplace_dataset.py acknowledge FOLDER --site URL --token-file FILE

It prints `valid: ...` or what was done and exits with 0, or `invalid: ...` and exits with 1. It needs Python 3.11, the
packages `cryptography` and `zstandard`, and `pyarrow` for Parquet files; it shares no code with the site.

`verify` checks manifest.json against its signature in manifest.json.sig (KEY is the site's public key in base64;
without it the signature is not looked at), the size and hash of each file, also of README.md and croissant.json, how
many rows it has, removals.jsonl, and the Merkle root. For the root each row's line of JSON makes a leaf together with
its salt in the folder `proofs`; of a removed row only the leaf is there. So the root, which was signed when the data
set was built, still verifies what remains and shows how many rows are gone. With `--partial` files may be missing; the
root is checked only if none of the lines and proofs is.

`removals` asks the site what was removed since it was last asked, and rewrites the files of the folder that hold such
rows. They are then no longer the files of the manifest: fetch the new revision if you want to verify again. From
README.md it takes the numbers of rows by which loaders would refuse them, and it notes on top what was done. Where the
dataset was taken back as a whole it says so and changes nothing: the folder has to go. `acknowledge` tells the site up
to which revision that is done.

Copies elsewhere are yours to clear, and the caches of the Hugging Face Hub's tools are such copies: what they fetched
stays there, also of earlier states. `hf cache rm dataset/commonplace/NAME` deletes it from ~/.cache/huggingface/hub
(`hf cache prune` only what belongs to states that no name stands for any more); what `load_dataset` made of it is in
~/.cache/huggingface/datasets/commonplace___NAME. `removals` names what it finds there; with `--cache` it deletes it.

The formats: RFC 6962, section 2.1 (leaves and tree), RFC 8032 (Ed25519), JSON Lines and Parquet.
"""

import argparse
import base64
import binascii
import io
import json
import os
import re
import shutil
import sys
import urllib.error
import urllib.parse
import urllib.request
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple

import zstandard
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

_MANIFEST, _SIGNATURE, _REMOVALS, STATE = (
    "manifest.json",
    "manifest.json.sig",
    "removals.jsonl",
    ".removals.json",
)
NUMBER = re.compile(r"-(\d{5})-of-\d{5}\.")
ENDING = {"jsonl": ".jsonl.zst", "parquet": ".parquet"}
FOLDER = {"posts": "data", "conversations": "conversations"}
_MAX_BYTES = 64 * 1024 * 1024
MAX_PAGES = 100_000
_SECONDS = 60
_README = "README.md"
DOCUMENTS = (_README, "croissant.json")
# The owner of all datasets, in the names of the Hub's tools.
_OWNER = "commonplace"
# The lists of splits and the sizes in the card's `dataset_info`; the columns beside them stay.
NUMBERS = re.compile(
    r"^  (?:splits:\n(?:  (?:- |  ).*\n)*|download_size: .*\n|dataset_size: .*\n)", re.MULTILINE
)
NOTE = re.compile(r"\A\n> Rows that were removed by .*\n")
# What the manifest of a dataset says from which nothing was removed yet.
NOTHING_REMOVED: dict[str, Any] = {"total": 0, "by_reason": {}, "sha256": sha256(b"").hexdigest()}
# The cursor of whoever has read nothing yet.
_BEGINNING = "0.0"
_Removed = dict[str, set[str]]


class VerificationError(Exception):
    """Something does not hold; the message says what."""


class _File(NamedTuple):
    """A file of the manifest."""

    path: str
    configuration: str
    format: str
    split: str
    rows: int
    bytes: int
    sha256: str

    @property
    def shard(self) -> tuple[str, str, int]:
        found = NUMBER.search(self.path)
        if found is None:
            raise VerificationError(f"{self.path} has no number")
        return self.configuration, self.split, int(found[1])


class _Document(NamedTuple):
    """A file of the manifest that holds no rows."""

    path: str
    bytes: int
    sha256: str


# Check


def verify(folder: Path, key: str | None, partial: bool) -> str:
    content = _read(folder / _MANIFEST)
    signed = _check_signature(content, folder, key)
    manifest = an_object(content, _MANIFEST)
    files, documents = list(files_of(manifest)), list(_documents_of(manifest))
    lists = [_REMOVALS] if documents or manifest.get("removals") else []
    expected = [*(document.path for document in documents), *lists, *(file.path for file in files)]
    absent = [path for path in expected if not (folder / path).is_file()]
    if absent and not partial:
        raise VerificationError(
            f"{len(absent)} files are missing, {absent[0]} first (with --partial that is no error)"
        )
    for document in documents:
        if document.path not in absent:
            check_content(_read(folder / document.path), document)
    missing = [file for file in files if file.path in absent]
    for file in files:
        if file not in missing:
            check_file(folder, file)
    missing_formats = {file.format for file in missing}
    if missing_formats & {"jsonl", "proof"}:
        root = "the root was not checked, as files are missing"
    else:
        root = check_root(folder, files, manifest)
    check_removals(folder, files, manifest)
    if not documents:
        root += "; card and description are not named in this older manifest, and were not checked"
    return f"{len(expected) - len(absent)} files, {root}; {signed}"


def _check_signature(content: bytes, folder: Path, key: str | None) -> str:
    if key is None:
        return "the signature was not checked (name the key that you trust with --key)"
    signature = _read(folder / _SIGNATURE).decode("ascii", "replace").strip()
    check_signed(content, signature, key, _MANIFEST)
    return "signed"


def check_signed(content: bytes, signature: str, key: str, what: str) -> None:
    try:
        public_key = Ed25519PublicKey.from_public_bytes(_from_base64(key, "the key"))
        public_key.verify(_from_base64(signature, f"the signature of {what}"), content)
    except InvalidSignature as error:
        raise VerificationError(f"{what} was not signed with this key") from error
    except ValueError as error:
        raise VerificationError("the key is not an Ed25519 public key") from error


def files_of(manifest: dict[str, Any]) -> Iterator[_File]:
    """Yield the files that the manifest names; none outside the folder, and none twice."""
    seen = set()
    for entry in manifest.get("shards") or ():
        try:
            file = _File(**{name: entry[name] for name in _File._fields})
        except (KeyError, TypeError) as error:
            raise VerificationError(
                f"the manifest's list of files is not whole: {error}"
            ) from error
        parts = Path(file.path).parts
        if Path(file.path).is_absolute() or ".." in parts or "\\" in file.path or file.path in seen:
            raise VerificationError(
                f"the manifest names {file.path!r}, which is no place in the folder, or names it twice"
            )
        seen.add(file.path)
        yield file


def _documents_of(manifest: dict[str, Any]) -> Iterator[_Document]:
    """Yield the card and the description that the manifest names; manifests before format 3 name none."""
    for entry in manifest.get("documents") or ():
        try:
            document = _Document(**{name: entry[name] for name in _Document._fields})
        except (KeyError, TypeError) as error:
            raise VerificationError(
                f"the manifest's list of documents is not whole: {error}"
            ) from error
        if document.path not in DOCUMENTS:
            raise VerificationError(
                f"the manifest names {document.path!r}, which is no document of a dataset"
            )
        yield document


def check_content(content: bytes, named: _File | _Document) -> None:
    if len(content) != named.bytes or sha256(content).hexdigest() != named.sha256:
        raise VerificationError(f"{named.path} is not the file of the manifest")


def check_file(folder: Path, file: _File) -> None:
    content = _read(folder / file.path)
    check_content(content, file)
    rows = parquet_rows(content) if file.format == "parquet" else sum(1 for _ in lines_in(content))
    if rows is not None and rows != file.rows:
        raise VerificationError(f"{file.path} has {rows} rows, and the manifest says {file.rows}")


def check_root(folder: Path, files: list[_File], manifest: dict[str, Any]) -> str:
    """Compute the Merkle root over all rows that there ever were."""
    data = {file.shard: file for file in files if file.format == "jsonl"}
    proofs = [file for file in files if file.format == "proof"]
    if {file.shard for file in proofs} != set(data):
        raise VerificationError("the proofs are not those of the files with rows")
    tree, gone = _Tree(), 0
    for proof in sorted(proofs, key=lambda file: file.shard):
        for leaf, is_there in _leaves_of(folder, proof, data[proof.shard]):
            tree.add(leaf)
            gone += not is_there
    if tree.root().hex() != manifest.get("merkle_root"):
        raise VerificationError("the rows and proofs do not make the root of the manifest")
    total = (manifest.get("removals") or {}).get("total", 0)
    if gone != total:
        raise VerificationError(f"{gone} rows are proven to be gone, and the manifest says {total}")
    return f"{tree.size - gone} of {tree.size} rows are there and make the root, {gone} are proven to be removed"


def _leaves_of(folder: Path, proof: _File, data: _File) -> Iterator[tuple[bytes, bool]]:
    """Yield the leaf of each row, and whether the row is there."""
    rows = iter(lines_in(_read(folder / data.path)))
    for line in lines_in(_read(folder / proof.path)):
        entry = an_object(line, proof.path)
        if set(entry) == {"leaf"}:
            yield _from_hex(entry["leaf"]), False
        elif set(entry) == {"salt"} and (row := next(rows, None)) is not None:
            yield sha256(b"\x00" + _from_hex(entry["salt"]) + row).digest(), True
        else:
            raise VerificationError(f"{proof.path} does not fit {data.path}")
    if next(rows, None) is not None:
        raise VerificationError(f"{data.path} has rows without a proof")


def check_removals(folder: Path, files: list[_File], manifest: dict[str, Any]) -> None:
    """Check removals.jsonl, where it is there, against the manifest and the leaves in the proofs."""
    told = manifest.get("removals") or NOTHING_REMOVED
    if not (folder / _REMOVALS).is_file():
        return
    content = _read(folder / _REMOVALS)
    if sha256(content).hexdigest() != told.get("sha256"):
        raise VerificationError(f"{_REMOVALS} is not the one of the manifest")
    rows = [an_object(line, _REMOVALS) for line in content.splitlines()]
    reasons = dict(Counter(row.get("reason") for row in rows))
    if len(rows) != told.get("total") or reasons != told.get("by_reason"):
        raise VerificationError(f"{_REMOVALS} has other rows or reasons than the manifest says")
    proofs = {
        file.shard: file
        for file in files
        if file.format == "proof" and (folder / file.path).is_file()
    }
    by_shard = defaultdict(list)
    for row in rows:
        by_shard[row.get("configuration"), row.get("split"), row.get("shard")].append(row)
    for shard, gone in by_shard.items():
        if shard in proofs:
            check_leaves(list(lines_in(_read(folder / proofs[shard].path))), gone)


def check_leaves(proof: list[bytes], gone: list[dict[str, Any]]) -> None:
    for row in gone:
        number = row.get("row")
        if not isinstance(number, int) or not 0 <= number < len(proof):
            raise VerificationError(f"{_REMOVALS} names a row that there never was: {number}")
        if an_object(proof[number], "a proof") != {"leaf": row.get("leaf")}:
            raise VerificationError(f"row {number} is in {_REMOVALS}, and the proofs say otherwise")


class _Tree:
    """The Merkle tree of RFC 6962, section 2.1: the roots of its full subtrees, from left to right."""

    def __init__(self) -> None:
        self.size = 0
        self.peaks: list[bytes] = []

    def add(self, leaf: bytes) -> None:
        self.size += 1
        size = self.size
        while size % 2 == 0:
            leaf = node(self.peaks.pop(), leaf)
            size //= 2
        self.peaks.append(leaf)

    def root(self) -> bytes:
        if not self.peaks:
            return sha256().digest()
        root = self.peaks[-1]
        for peak in self.peaks[-2::-1]:
            root = node(peak, root)
        return root


def node(left: bytes, right: bytes) -> bytes:
    return sha256(b"\x01" + left + right).digest()


# Remove


def apply_removals(
    folder: Path, site: str, token: str, key: str | None, clears_cache: bool = False
) -> str:
    """Ask for what was removed, rewrite the files, and keep in the folder how far that was done."""
    manifest = an_object(_read(folder / _MANIFEST), _MANIFEST)
    caches, state = caches_of(_text_in(manifest, "name")), state_of(folder)
    if any(folder.resolve().is_relative_to(cache) for cache in caches):
        raise VerificationError(
            f"{folder} is in a cache of the Hub's tools: delete it there, and download again"
        )
    removed: _Removed = defaultdict(set)
    for page in pages(site, _text_in(manifest, "name"), state.get("cursor"), token, key):
        if manifest.get("merkle_root") in page["withdrawn_roots"]:
            raise VerificationError(
                "this dataset was taken back. Delete the folder and every other copy, then say so at "
                f"{site}/settings/access"
            )
        for row in page["removals"]:
            removed[row["configuration"]].add(row["id"])
        state |= {"cursor": page["cursor"], "revision": page["revision"]}
    rows = 0
    for configuration, ids in removed.items():
        rows += sum(drop_rows(path, ids) for path in data_files(folder, configuration))
    if rows:
        correct_card(folder, str(state.get("revision")))
    replace(folder / STATE, json.dumps(state).encode())
    asked = sum(map(len, removed.values()))
    said = f"{asked} rows were removed by {state.get('revision')}; {rows} lines and rows went from the files here"
    return said + tell_caches(caches, clears_cache)


def correct_card(folder: Path, revision: str) -> None:
    """Take the numbers of rows out of the card's front matter, by which loaders would refuse the files, and say why."""
    if not (folder / _README).is_file():
        return
    parts = _read(folder / _README).decode("utf-8", "replace").split("---\n", 2)
    if len(parts) != 3 or parts[0]:
        raise VerificationError(f"{_README} has no front matter")
    front = NUMBERS.sub("", parts[1])
    body = NOTE.sub("", parts[2], count=1)
    note = f"\n> Rows that were removed by {revision} were taken out of this copy; figures below may count them.\n"
    replace(folder / _README, "---\n".join(["", front, note + body]).encode())


def caches_of(name: str) -> list[Path]:
    """Return the folders in which the Hub's tools keep what they fetched of a dataset, and what they made of it."""
    home = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "huggingface"
    home = Path(os.environ.get("HF_HOME") or home)
    hub = Path(os.environ.get("HF_HUB_CACHE") or home / "hub")
    made = Path(os.environ.get("HF_DATASETS_CACHE") or home / "datasets")
    found = (hub / f"datasets--{_OWNER}--{name}", made / f"{_OWNER}___{name}")
    return [path.expanduser().resolve() for path in found if path.expanduser().is_dir()]


def tell_caches(caches: list[Path], clears_cache: bool) -> str:
    if not caches:
        return ""
    named = ", ".join(map(str, caches))
    if not clears_cache:
        return f"\ncopies of the rows may be left in {named} (with --cache they are deleted)"
    for path in caches:
        shutil.rmtree(path)
    return f"\ndeleted {named}"


def pages(
    site: str, name: str, cursor: str | None, token: str, key: str | None
) -> Iterator[dict[str, Any]]:
    address = f"{site}/api/v1/datasets/{quoted(name)}/removals"
    for _ in range(MAX_PAGES):
        query = f"?after={quoted(cursor)}" if cursor else ""
        page = an_object(_fetch(address + query, token), "the site's answer")
        if key is not None:
            check_signed(canonical(page), _text_in(page, "signature"), key, "the site's answer")
        check_page(page, name, cursor or _BEGINNING)
        yield page
        if page["next"] is None:
            return
        if page["next"] == cursor:
            raise VerificationError("the site's answers go in circles")
        cursor = page["next"]


def canonical(page: dict[str, Any]) -> bytes:
    """Return what the site signs: the answer without its signature, keys sorted, no spaces, UTF-8."""
    rest = {name: value for name, value in page.items() if name != "signature"}
    return json.dumps(rest, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def check_page(page: dict[str, Any], name: str, after: str) -> None:
    """Check that this is a page of removals, and the one that was asked for: each was signed once."""
    if (_text_in(page, "name"), _text_in(page, "after")) != (name, after):
        raise VerificationError("the site's answer is about something else than what was asked")
    _text_in(page, "revision"), _text_in(page, "cursor")
    lists = page.get("removals"), page.get("withdrawn_roots")
    if not all(isinstance(each, list) for each in lists) or not isinstance(
        page.get("next", 0), str | None
    ):
        raise VerificationError("the site's answer is no page of removals")
    for row in page["removals"]:
        if not isinstance(row, dict):
            raise VerificationError("the site's answer is no page of removals")
        _text_in(row, "configuration"), _text_in(row, "id")


def data_files(folder: Path, configuration: str) -> list[Path]:
    place = folder / FOLDER.get(configuration, configuration)
    return sorted(path for ending in ENDING.values() for path in place.glob(f"*{ending}"))


def drop_rows(path: Path, ids: set[str]) -> int:
    """Write a file anew without the rows of these ids, if it holds any; return how many went."""
    return (drop_from_parquet if path.suffix == ".parquet" else drop_from_lines)(path, ids)


def drop_from_lines(path: Path, ids: set[str]) -> int:
    lines = list(lines_in(_read(path)))
    kept = [line for line in lines if json.loads(line).get("id") not in ids]
    if len(kept) < len(lines):
        content = b"".join(line + b"\n" for line in kept)
        replace(path, zstandard.ZstdCompressor(write_checksum=True).compress(content))
    return len(lines) - len(kept)


def drop_from_parquet(path: Path, ids: set[str]) -> int:
    try:
        import pyarrow as pa
        import pyarrow.compute as pc
        import pyarrow.parquet as pq
    except ImportError as error:
        raise VerificationError(f"{path} can only be rewritten with the package pyarrow") from error
    # Read into memory first: the file that is read must not be the one that is replaced.
    table = pq.read_table(pa.BufferReader(_read(path)))
    kept = table.filter(
        pc.invert(pc.is_in(table["id"], value_set=pa.array(sorted(ids), pa.string())))
    )
    if kept.num_rows < table.num_rows:
        out = io.BytesIO()
        pq.write_table(kept, out, compression="zstd", store_schema=False)
        replace(path, out.getvalue())
    return table.num_rows - kept.num_rows


def acknowledge(folder: Path, site: str, token: str) -> str:
    """Tell the site up to which revision the removals are applied here."""
    name, revision = (
        an_object(_read(folder / _MANIFEST), _MANIFEST).get("name"),
        state_of(folder).get("revision"),
    )
    if not isinstance(revision, str):
        raise VerificationError("nothing was applied here yet: run `removals` first")
    body = json.dumps({"revision": revision}).encode()
    _fetch(f"{site}/api/v1/datasets/{quoted(name)}/acknowledgements", token, body)
    return f"acknowledged {name} {revision}"


def state_of(folder: Path) -> dict[str, Any]:
    return an_object(_read(folder / STATE), STATE) if (folder / STATE).is_file() else {}


# The site


class Stay(urllib.request.HTTPRedirectHandler):
    """Follow no redirect: the token is for one site."""

    def redirect_request(self, *args: Any, **kwargs: Any) -> None:
        return None


def _fetch(address: str, token: str, body: bytes | None = None) -> bytes:
    request = urllib.request.Request(  # noqa: S310
        address, data=body, headers={"Authorization": f"Bearer {token}"}
    )
    if body is not None:
        request.add_header("Content-Type", "application/json")
    try:
        with urllib.request.build_opener(Stay).open(request, timeout=_SECONDS) as response:
            return bytes(response.read(_MAX_BYTES))
    except urllib.error.HTTPError as error:
        with error:
            raise VerificationError(f"{address} answers {error.code} {error.reason}") from error
    except (OSError, ValueError) as error:
        raise VerificationError(f"{address} cannot be reached: {error}") from error


def site_of(address: str) -> str:
    """Return a site's address without the last slash; a token travels encrypted, except on this machine."""
    parts = urllib.parse.urlsplit(address)
    if parts.scheme != "https" and not (
        parts.scheme == "http" and parts.hostname in ("localhost", "127.0.0.1", "::1")
    ):
        raise VerificationError("the site's address begins with https://")
    return address.rstrip("/")


def quoted(value: object) -> str:
    if not isinstance(value, str) or not value:
        raise VerificationError("the manifest or the site's answer is not whole: a name is missing")
    return urllib.parse.quote(value, safe="")


# Small readers and writers


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise VerificationError(f"{path} cannot be read: {error.strerror}") from error


def replace(path: Path, content: bytes) -> None:
    """Write a file whole or not at all."""
    draft = path.with_name(path.name + ".new")
    with draft.open("wb") as out:
        out.write(content)
        out.flush()
        os.fsync(out.fileno())
    draft.replace(path)


def lines_in(content: bytes) -> Iterable[bytes]:
    """Yield the lines of compressed JSON Lines without holding all of them."""
    try:
        with zstandard.ZstdDecompressor().stream_reader(content) as reader:
            for line in io.BufferedReader(reader):
                if not line.endswith(b"\n"):
                    raise VerificationError("a file ends within a line")
                yield line[:-1]
    except zstandard.ZstdError as error:
        raise VerificationError(f"a file is not zstd: {error}") from error


def parquet_rows(content: bytes) -> int | None:
    """Return how many rows a Parquet file has, or None where pyarrow is not installed."""
    try:
        import pyarrow as pa
        import pyarrow.parquet as pq
    except ImportError:
        return None
    return int(pq.read_metadata(pa.BufferReader(content)).num_rows)


def an_object(content: bytes, what: str) -> dict[str, Any]:
    try:
        value = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise VerificationError(f"{what} is not JSON: {error}") from error
    if not isinstance(value, dict):
        raise VerificationError(f"{what} is not a JSON object")
    return value


def _text_in(content: dict[str, Any], name: str) -> str:
    value = content.get(name)
    if not isinstance(value, str):
        raise VerificationError(f"{name} is missing")
    return value


def _from_hex(text: object) -> bytes:
    try:
        return bytes.fromhex(str(text))
    except ValueError as error:
        raise VerificationError("a salt or a leaf is not hexadecimal") from error


def _from_base64(text: str, what: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise VerificationError(f"{what} is not base64") from error


# The command


def _arguments() -> argparse.ArgumentParser:
    summary, _, details = (__doc__ or "").partition("\n\n")
    parser = argparse.ArgumentParser(
        description=summary, epilog=details, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    commands = parser.add_subparsers(dest="command", required=True)
    for name in ("verify", "removals", "acknowledge"):
        command = commands.add_parser(name)
        command.add_argument("folder", type=Path, metavar="FOLDER")
        if name != "acknowledge":
            command.add_argument("--key", metavar="KEY", help="the site's public key in base64")
        if name == "verify":
            command.add_argument("--partial", action="store_true", help="files may be missing")
        else:
            command.add_argument("--site", required=True, metavar="URL")
            command.add_argument("--token-file", required=True, type=Path, metavar="FILE")
        if name == "removals":
            command.add_argument(
                "--cache", action="store_true", help="delete what the Hub's tools keep of it"
            )
    return parser


def _run(options: argparse.Namespace) -> str:
    if options.command == "verify":
        return f"valid: {verify(options.folder, options.key, options.partial)}"
    site, token = (
        site_of(options.site),
        _read(options.token_file).decode("ascii", "replace").strip(),
    )
    if options.command == "removals":
        return apply_removals(options.folder, site, token, options.key, options.cache)
    return acknowledge(options.folder, site, token)


@contextmanager
def plain_errors() -> Iterator[None]:
    try:
        yield
    except VerificationError as error:
        print(f"invalid: {error}")
        sys.exit(1)


def main() -> None:
    with plain_errors():
        print(_run(_arguments().parse_args()))


if __name__ == "__main__":
    main()
