import json
from dataclasses import dataclass

from common.images.variants import VariantSpec
from common.sandbox import ResourceLimitError, ResourceLimits, run_sandboxed

# What the largest accepted image needs on a machine three times slower than the reference.
IMAGE_LIMITS = ResourceLimits(memory=1536 * 1024 * 1024, cpu_seconds=20, seconds=60)
TOO_LARGE_MESSAGE = (
    "Opening this image takes too much memory or time. Upload a smaller or simpler one."
)


class ImageProcessingError(Exception):
    """The image cannot be used; the message is for the user."""


@dataclass(frozen=True, slots=True)
class ProcessedImage:
    """The result of processing: `files` by name, with a `<width>.webp` for each of `widths`."""

    kind: str
    width: int
    height: int
    placeholder: str
    widths: list[int]
    files: dict[str, bytes]


def process_image(content: bytes, plan: VariantSpec) -> ProcessedImage:
    """Process an image in a sandboxed subprocess (see `common.images.process_image`).

    Raises:
        ImageProcessingError: with a message for the user.
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
