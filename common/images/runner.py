import json
from dataclasses import dataclass

from common.images.variants import VariantSpec
from common.sandbox import ResourceLimitError, ResourceLimits, run_sandboxed

# What the largest picture within the bounds of `darkroom` needs, on a machine that is three times slower than ours.
IMAGE_LIMITS = ResourceLimits(memory=1536 * 1024 * 1024, cpu_seconds=20, seconds=60)
TOO_LARGE_MESSAGE = (
    "Opening this image takes too much memory or time. Upload a smaller or simpler one."
)


class ImageProcessingError(Exception):
    """The picture cannot be used; the message is for the person who sent it."""


@dataclass(frozen=True, slots=True)
class ProcessedImage:
    """What became of a picture; `files` are what is served, by name; of `widths` there is a `<width>.webp` each."""

    kind: str
    width: int
    height: int
    placeholder: str
    widths: list[int]
    files: dict[str, bytes]


def process_image(content: bytes, plan: VariantSpec) -> ProcessedImage:
    """Develop a picture in a process of its own (see `common.images.process_image`).

    Raises:
        Refused: with words for the person who sent it.
    """
    question = json.dumps(plan.as_dict()).encode() + b"\n" + content
    try:
        head, _, rest = run_sandboxed(
            "common.images.process_image", question, IMAGE_LIMITS
        ).partition(b"\n")
    except ResourceLimitError as error:
        raise ImageProcessingError(TOO_LARGE_MESSAGE) from error
    answer = json.loads(head)
    if "refused" in answer:
        raise ImageProcessingError(answer["refused"])
    files, begin = {}, 0
    for file in answer["files"]:
        files[file["name"]] = rest[begin : begin + file["size"]]
        begin += file["size"]
    widths = [file["width"] for file in answer["files"] if file["width"]]
    return ProcessedImage(
        answer["kind"], answer["width"], answer["height"], answer["placeholder"], widths, files
    )
