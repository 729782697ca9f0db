"""Run one of our modules on what strangers sent, in a process of its own that may cost only so much."""

import os
import resource
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

BASE = Path(__file__).resolve().parent.parent


class ResourceLimitError(Exception):
    """The work took more time or memory than it may."""


@dataclass(frozen=True, slots=True)
class ResourceLimits:
    """What a process may use: bytes of memory, seconds of processor, seconds by the clock."""

    memory: int
    cpu_seconds: int
    seconds: int


def run_sandboxed(module: str, content: bytes, limits: ResourceLimits) -> bytes:
    """Give `content` to a module of ours and return what it writes; nothing of our environment is in its reach.

    Raises:
        TooMuch: it was ended, by its limits or by itself.
    """
    command = [sys.executable, "-m", module, str(limits.memory), str(limits.cpu_seconds)]
    try:
        done = subprocess.run(
            command,
            input=content,
            capture_output=True,
            cwd=BASE,
            env={"PATH": os.defpath},
            timeout=limits.seconds,
        )
    except subprocess.TimeoutExpired as late:
        raise ResourceLimitError("It took too long.") from late
    if done.returncode != 0:
        raise ResourceLimitError(f"It ended with {done.returncode}.")
    return done.stdout


def apply_resource_limits(arguments: list[str]) -> None:
    """Hold this process, for good, to the limits on its command line, and let it write no file."""
    memory, cpu_seconds = map(int, arguments)
    for kind, limit in (
        (resource.RLIMIT_AS, memory),
        (resource.RLIMIT_CPU, cpu_seconds),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(kind, (limit, limit))
