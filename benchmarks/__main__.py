"""Run all benchmarks, or the named one: `python -m benchmarks [key]`."""

import multiprocessing
import sys
from concurrent.futures import ProcessPoolExecutor

from benchmarks.figures import Figure, write
from benchmarks.place import measure

KEYS = (
    "home_page",
    "build_posts",
    "build_memory",
    "near_duplicates",
    "personal_data",
    "language",
    "erasure_10000",
    "download",
    "decisions",
    "log_tile",
)


def main(arguments: list[str]) -> int:
    """Print each figure as soon as it is known and keep all of them; return the exit code."""
    if len(arguments) > 1 or not set(arguments) <= set(KEYS):
        print(f"Name one of {', '.join(KEYS)}, or nothing for all of them.", file=sys.stderr)
        return 2
    figures = []
    for key in arguments or KEYS:
        for figure in run_alone(key):
            print(figure, flush=True)
            figures.append(figure)
    write(figures)
    return 0


def run_alone(key: str) -> list[Figure]:
    """Run a benchmark in a process of its own, so that none inherits memory or caches of the one before."""
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool:
        return pool.submit(measure, key).result()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
