"""How many decisions a second the ledger takes from several processes at once, and how long each of them waits.

Client and database share the machine's cores. Each decision is a transaction of its own, flushed to disk; at the end
the positions must be without a gap.
"""

import multiprocessing
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import django

from accounts.models import User
from benchmarks.figures import Figure
from benchmarks.place import say, timed
from consent.models import ConsentEvent
from consent.notices import current_notices
from consent.services import record_age_attestation, record_decision

PROCESSES = 4
PEOPLE_EACH = 300
PER_SECOND = 500.0
# Milliseconds that nobody notices between a click and its answer.
P95 = 50.0


def measure(folder: Path) -> Iterator[Figure]:
    """Let some processes decide for their own people, beginning at one moment."""
    groups = adults(PROCESSES * PEOPLE_EACH)
    begin = time.time() + 5
    with ProcessPoolExecutor(
        PROCESSES, multiprocessing.get_context("spawn"), initializer=django.setup
    ) as pool:
        runs = list(pool.map(decide_for, groups, [begin] * PROCESSES))
    waits = sorted(wait for waits, _ in runs for wait in waits)
    seconds = max(end for _, end in runs) - begin
    require_no_gap(len(waits))
    say(f"{len(waits)} decisions by {PROCESSES} processes in {seconds:.1f} s")
    yield Figure("decisions", len(waits) / seconds, "decisions/s", PER_SECOND)
    yield Figure("decision_p95", 1000 * waits[int(0.95 * len(waits))], "ms", P95)


def adults(number: int) -> list[list[int]]:
    """Make people who may grant, and return their ids in a group for each process."""
    with timed(f"{number} people"):
        people = User.objects.bulk_create(User(username=f"person{n}") for n in range(number))
        for person in people:
            record_age_attestation(user=person)
    return [[person.pk for person in people[part::PROCESSES]] for part in range(PROCESSES)]


def decide_for(ids: list[int], begin: float) -> tuple[list[float], float]:
    """Grant every purpose for each of these people; return the seconds that each decision took, and the end."""
    notices = current_notices()
    people = list(User.objects.filter(pk__in=ids))
    time.sleep(max(0.0, begin - time.time()))
    waits = []
    for person in people:
        for purpose, notice in notices.items():
            began = time.perf_counter()
            record_decision(
                user=person, purpose=purpose, decision="granted", notice=notice, source="settings"
            )
            waits.append(time.perf_counter() - began)
    return waits, time.time()


def require_no_gap(number: int) -> None:
    positions = ConsentEvent.objects.order_by("position").values_list("position", flat=True)
    if list(positions) != list(range(number)):
        raise RuntimeError("the ledger has a gap")
