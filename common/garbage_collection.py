import gc

# Objects allocated, less those freed, before a collection. Python's 700 (2,000 from 3.12 on) fit
# requests; a build task holds some 100,000 rows and tokens at a time.
_YOUNG_THRESHOLD = 200_000


def tune_for_batches() -> None:
    """Set the garbage collector of a process that works through batches of rows.

    With Python's thresholds it walks the rows of a build task again and again and finds no cycle,
    which takes 10 % of the time. What is loaded now is never walked again.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(_YOUNG_THRESHOLD, *gc.get_threshold()[1:])
