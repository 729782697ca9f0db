"""MLCommons Croissant 1.1 description with Croissant RAI 1.0 terms.

Sources: docs.mlcommons.org/croissant/docs/croissant-spec-1.1.html and croissant-rai-spec.html.
"""

from collections.abc import Iterator, Mapping
from fnmatch import fnmatch
from typing import Any, Final

import orjson
import pyarrow as pa

from dataset_export.cards.columns import list_item_type, meaning
from dataset_export.cards.facts import CardContext, DataFile
from dataset_export.cards.limits import KNOWN_LIMITS
from dataset_export.cards.snippets import pattern

CONFORMS_TO: Final = (
    "http://mlcommons.org/croissant/1.1",
    "http://mlcommons.org/croissant/RAI/1.0",
)
_PARQUET_TYPE: Final = "application/x-parquet"
_TRAIN: Final = "train"
FILE, FILE_SET = "cr:FileObject", "cr:FileSet"

_TERMS: Final = (
    *(
        "arrayShape",
        "citeAs",
        "column",
        "containedIn",
        "equivalentProperty",
        "extract",
        "field",
        "fileObject",
    ),
    *(
        "fileProperty",
        "fileSet",
        "format",
        "includes",
        "isArray",
        "isLiveDataset",
        "jsonPath",
        "key",
        "md5",
    ),
    *(
        "parentField",
        "path",
        "recordSet",
        "references",
        "regex",
        "repeated",
        "replace",
        "samplingRate",
        "separator",
    ),
    *("source", "subField", "transform"),
)
CONTEXT: Final[Mapping[str, Any]] = {
    "@language": "en",
    "@vocab": "https://schema.org/",
    "cr": "http://mlcommons.org/croissant/",
    "rai": "http://mlcommons.org/croissant/RAI/",
    "dct": "http://purl.org/dc/terms/",
    "sc": "https://schema.org/",
    "conformsTo": "dct:conformsTo",
    "data": {"@id": "cr:data", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "description": {"@container": "@language"},
    "examples": {"@id": "cr:examples", "@type": "@json"},
    "name": {"@container": "@language"},
    **{term: f"cr:{term}" for term in _TERMS},
}


def croissant(facts: CardContext) -> bytes:
    """Return croissant.json with relative file paths."""
    return _to_json(
        {
            "@context": CONTEXT,
            "@type": "sc:Dataset",
            "conformsTo": list(CONFORMS_TO),
            "name": facts.name,
            "description": f"Public posts of {facts.site}, shared by their authors for {facts.purpose_label.lower()}.",
            "url": facts.page,
            "version": f"{facts.version.removeprefix('v')}.0",
            "datePublished": facts.published_at.date().isoformat(),
            "dateCreated": facts.manifest["created_at"],
            "license": facts.terms,
            "usageInfo": facts.terms,
            "isAccessibleForFree": True,
            "conditionsOfAccess": f"Access is granted on request for {facts.purpose_label.lower()}, under the terms.",
            "citeAs": citation(facts),
            "creator": organisation(facts),
            "publisher": organisation(facts),
            "inLanguage": list(facts.languages),
            "keywords": ["consented", "microblog", facts.manifest["purpose"]],
            **responsible_ai(facts),
            "distribution": list(_distribution(facts)),
            "recordSet": [
                record_set(facts, name, split)
                for name, splits in facts.parquet_files().items()
                for split in splits
            ],
        }
    )


def with_absolute_urls(content: bytes, files_at: str) -> bytes:
    """Return a croissant.json with absolute URLs."""
    description = orjson.loads(content)
    files = [entry for entry in description["distribution"] if entry["@type"] == FILE]
    for file in files:
        file["contentUrl"] = f"{files_at}/{file['@id']}"
    for group in (entry for entry in description["distribution"] if entry["@type"] == FILE_SET):
        # Downloaded one by one, files may have any name.
        inside = [
            file["@id"]
            for file in files
            if any(fnmatch(file["@id"], glob) for glob in group["includes"])
        ]
        group |= {"containedIn": [{"@id": path} for path in inside], "includes": ["*"]}
    return _to_json(description)


def _to_json(description: Mapping[str, Any]) -> bytes:
    return orjson.dumps(description, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


def organisation(facts: CardContext) -> dict[str, str]:
    return {"@type": "sc:Organization", "name": "Commonplace", "url": facts.site}


def citation(facts: CardContext) -> str:
    key = f"{facts.name}_{facts.version}".replace(".", "_")
    return (
        f"@misc{{{key}, title={{{facts.name}, {facts.version}}}, author={{Commonplace}}, "
        f"year={{{facts.published_at.year}}}, howpublished={{{facts.page}}}}}"
    )


def responsible_ai(facts: CardContext) -> dict[str, Any]:
    """Return the Croissant RAI terms on provenance and use."""
    purpose = facts.purpose_label.lower()
    return {
        "rai:dataCollection": (
            f"Posted on {facts.site} and collected there. {facts.written} Each author, an adult by their own word, "
            f"said yes to {purpose} after reading a notice; every row refers to that decision, which is in a public "
            "log."
        ),
        "rai:dataCollectionType": ["Direct measurement"],
        "rai:dataPreprocessingProtocol": facts.steps,
        "rai:dataUseCases": [
            f"Permitted: {purpose}. Everything else is not, as no author was asked for it."
        ],
        "rai:dataLimitations": list(KNOWN_LIMITS),
        "rai:dataBiases": [
            "People who agree to training differ from those who do not; few may have written much."
        ],
        "rai:personalSensitiveInformation": [
            "Account names are pseudonyms of this dataset. What people say about themselves and others stays in their "
            "words. The terms forbid finding out who wrote something."
        ],
        "rai:dataReleaseMaintenancePlan": (
            "A post that is taken back is no longer served at once, and is gone from the next revision; those who "
            "downloaded it have to remove it from their copies within the time that the terms name."
        ),
    }


def _distribution(facts: CardContext) -> Iterator[dict[str, Any]]:
    """Yield each Parquet file, then a file set for splits with several."""
    for name, splits in facts.parquet_files().items():
        for split, files in splits.items():
            yield from (file_object(file) for file in files)
            if len(files) > 1:
                yield file_set(record_set_id(name, split), files)


def file_set(rows: str, files: list[DataFile]) -> dict[str, Any]:
    return {
        "@type": FILE_SET,
        "@id": set_id(rows),
        "name": f"Parquet files of {rows}",
        "encodingFormat": _PARQUET_TYPE,
        "includes": [pattern(files)],
    }


def record_set_id(configuration: str, split: str) -> str:
    """Return the id of a split's record set: the configuration's name for training.

    Asking for a configuration never yields held-out rows.
    """
    return configuration if split == _TRAIN else f"{configuration}-{split}"


def set_id(rows: str) -> str:
    return f"{rows}-parquet"


def file_object(file: DataFile) -> dict[str, Any]:
    return {
        "@type": FILE,
        "@id": file.path,
        "name": file.path,
        "contentUrl": file.path,
        "contentSize": f"{file.bytes} B",
        "encodingFormat": _PARQUET_TYPE,
        "sha256": file.sha256,
    }


def record_set(facts: CardContext, configuration: str, split: str) -> dict[str, Any]:
    """Return the record set of a split.

    mlcroissant 1.1 reads file sets only next to the description, so a single file is named
    directly.
    """
    files, name = facts.parquet_files()[configuration][split], record_set_id(configuration, split)
    origin = (
        {"fileSet": {"@id": set_id(name)}}
        if len(files) > 1
        else {"fileObject": {"@id": files[0].path}}
    )
    return {
        "@type": "cr:RecordSet",
        "@id": name,
        "name": name,
        "description": f"The split {split} of the configuration {configuration}.",
        "key": {"@id": f"{name}/id"},
        "field": [
            field(column, origin, "", name) for column in facts.layouts[configuration].schema
        ],
    }


def field(column: pa.Field, origin: Mapping[str, Any], prefix: str, parent: str) -> dict[str, Any]:
    """Return the field of a column with its nested fields."""
    inner, path, identity = (
        list_item_type(column.type),
        f"{prefix}{column.name}",
        f"{parent}/{column.name}",
    )
    common = {
        "@type": "cr:Field",
        "@id": identity,
        "name": identity,
        **({"description": meaning(path)} if meaning(path) else {}),
        **({"isArray": True, "arrayShape": "-1"} if inner is not column.type else {}),
    }
    if pa.types.is_struct(inner):
        # Croissant readers cannot handle nested lists.
        parts = [
            part for part in inner if inner is column.type or list_item_type(part.type) is part.type
        ]
        return common | {"subField": [field(part, origin, f"{path}.", identity) for part in parts]}
    return common | {"dataType": data_type(inner), "source": source(origin, path)}


def source(origin: Mapping[str, Any], path: str) -> dict[str, Any]:
    column, _, rest = path.partition(".")
    return {
        **origin,
        "extract": {"column": column},
        **({"transform": {"jsonPath": rest}} if rest else {}),
    }


def data_type(type: pa.DataType) -> str:
    if pa.types.is_boolean(type):
        return "sc:Boolean"
    if pa.types.is_integer(type):
        return f"cr:Int{type.bit_width}"
    if pa.types.is_floating(type):
        return f"cr:Float{type.bit_width}"
    return "sc:DateTime" if pa.types.is_timestamp(type) else "sc:Text"
