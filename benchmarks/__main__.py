"""Run all benchmarks, or the named one: `python -m benchmarks [key]`."""

import multiprocessing
import sys
from concurrent.futures import ProcessPoolExecutor

from benchmarks.figures import Figure, write
from benchmarks.place import measure

PAGES = ("public", "profile", "thread", "search", "notifications")


def of_page(name: str) -> tuple[str, ...]:
    """Return what is measured of a page that the web server serves."""
    took = (
        f"{name}_p{share}_{clients}_clients" for clients in (1, 8, 32) for share in (50, 95, 99)
    )
    return (f"{name}_page", f"{name}_page_queries", *took)


# Each benchmark, a module of that name, with what it measures.
BENCHMARKS = {
    "home_page": (*of_page("home"), "home_api", "home_redis_bytes"),
    "pages": tuple(key for name in PAGES for key in of_page(name)),
    "publish": (
        *("publish_10", "publish_10_arrives", "publish_2000", "publish_2000_arrives"),
        *("publish_20000", "publish_20000_arrives", "viral_likes"),
    ),
    "search": ("search_p95", "search_common_p95", "search_nothing_p95"),
    "notifications": (
        *("notifications_p95", "notifications_queries"),
        *("notifications_count_p95", "notifications_count_read_p95"),
    ),
    "build_posts": ("build_posts", "build_posts_wall"),
    "build_steps": ("build_steps", "build_steps_megabytes"),
    "build_memory": ("build_memory", "build_posts_100k", "build_posts_1m"),
    "near_duplicates": (
        *("near_duplicate_recall", "near_duplicate_precision"),
        *("near_duplicate_copies", "near_duplicate_copies_twice"),
    ),
    "personal_data": (
        *("personal_data_recall", "personal_data_precision"),
        *("personal_data_names_recall", "personal_data_address_recall"),
    ),
    "language": (
        "language_right",
        "language_wrong",
        "language_tagged_right",
        "language_tagged_wrong",
    ),
    "erasure_10000": ("erasure_10000",),
    "download": ("download", "download_memory"),
    "decisions": ("decisions", "decision_p95"),
    "log_tile": ("log_sign_500", "log_tile", "log_entries"),
}


def main(arguments: list[str]) -> int:
    """Print each figure as soon as it is known and keep all of them; return the exit code."""
    wanted = [
        name for name, keys in BENCHMARKS.items() if not arguments or {name, *keys} & set(arguments)
    ]
    if len(arguments) > 1 or not wanted:
        print(
            f"Name one of {', '.join(BENCHMARKS)}, one of their figures, or nothing for all.",
            file=sys.stderr,
        )
        return 2
    figures = []
    for name in wanted:
        for figure in run_alone(name):
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
