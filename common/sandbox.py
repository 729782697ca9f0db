"""Runs one of our modules on untrusted input in a resource-limited subprocess."""

import os
import resource
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

BASE = Path(__file__).resolve().parent.parent


class ResourceLimitError(Exception):
    """The work exceeded its limit of time or memory."""


@dataclass(frozen=True, slots=True)
class ResourceLimits:
    """Limits of a process: memory in bytes, CPU seconds, wall-clock seconds."""

    memory: int
    cpu_seconds: int
    seconds: int


def run_sandboxed(module: str, content: bytes, limits: ResourceLimits) -> bytes:
    """Run a module in a resource-limited subprocess with an empty environment; return its stdout.

    Raises:
        ResourceLimitError: it was killed by its limits, or crashed.
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
    """Apply the limits on the command line to this process, and forbid writing files."""
    memory, cpu_seconds = map(int, arguments)
    for kind, limit in (
        (resource.RLIMIT_AS, memory),
        (resource.RLIMIT_CPU, cpu_seconds),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(kind, (limit, limit))
