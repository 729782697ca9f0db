"""The garbage collector of processes that build."""

import subprocess
import sys

SCRIPT = """
import gc
from common.garbage_collection import tune_for_batches

before = gc.get_threshold()
tune_for_batches()
after = gc.get_threshold()
print(gc.isenabled(), gc.get_freeze_count() > 1000, after[0] > 10 * before[0], after[1:] == before[1:])
"""


def test_tune_for_batches_raises_the_threshold_and_freezes_what_is_loaded():
    run = subprocess.run([sys.executable, "-c", SCRIPT], capture_output=True, text=True, check=True)
    assert run.stdout.split() == 4 * ["True"]
