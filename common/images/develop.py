import json
from dataclasses import dataclass

from common.images.plans import Plan
from common.limited import Limits, TooMuch, run_limited

# What the largest picture within the bounds of `darkroom` needs, on a machine that is three times slower than ours.
LIMITS = Limits(memory=1536 * 1024 * 1024, cpu_seconds=20, seconds=60)
TOO_MUCH = "Opening the picture takes too much memory or time. Send a smaller or a simpler one."


class Refused(Exception):
    """The picture cannot be used; the message is for the person who sent it."""


@dataclass(frozen=True, slots=True)
class Developed:
    """What became of a picture; `files` are what is served, by name; of `widths` there is a `<width>.webp` each."""

    kind: str
    width: int
    height: int
    placeholder: str
    widths: list[int]
    files: dict[str, bytes]


def develop(content: bytes, plan: Plan) -> Developed:
    """Develop a picture in a process of its own (see `common.images.darkroom`).

    Raises:
        Refused: with words for the person who sent it.
    """
    question = json.dumps(plan.as_dict()).encode() + b"\n" + content
    try:
        head, _, rest = run_limited("common.images.darkroom", question, LIMITS).partition(b"\n")
    except TooMuch as error:
        raise Refused(TOO_MUCH) from error
    answer = json.loads(head)
    if "refused" in answer:
        raise Refused(answer["refused"])
    files, begin = {}, 0
    for file in answer["files"]:
        files[file["name"]] = rest[begin : begin + file["size"]]
        begin += file["size"]
    widths = [file["width"] for file in answer["files"] if file["width"]]
    return Developed(answer["kind"], answer["width"], answer["height"], answer["placeholder"], widths, files)
