"""The process that reads a hostile or honest file, which is open as a descriptor of it, and says what it holds (`saying`)."""

import gc
import json
import os
import resource
import sys

from hr_diversity.sheets.saying import Asked, Refusal, Saying

MEMORY = 2 << 30
"""Of addresses, of which Polars takes 0.4 GB to start and more for its threads; what is really held stays far below."""
SECONDS, SECONDS_PER_MEGABYTE = 2, 4


def bound(size: int) -> None:
    """This process has so much memory and time, and no more."""
    seconds = SECONDS + SECONDS_PER_MEGABYTE * (size >> 20)
    for what, most in (
        (resource.RLIMIT_AS, MEMORY),
        (resource.RLIMIT_CPU, seconds),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_FSIZE, 0),
    ):
        resource.setrlimit(what, (most, most))


def main(said: str) -> None:
    asked = Asked(*json.loads(said))
    bound(asked.size)
    gc.disable()  # there are no cycles, and looking for them among the elements of a sheet took 60 % of the time
    os.environ.update(POLARS_MAX_THREADS="2", POLARS_ROW_GROUP_PREFETCH_SIZE="1", POLARS_CONCURRENCY_BUDGET="2")
    saying = Saying(sys.stdout.buffer, asked.most)
    try:
        if asked.form == "parquet":
            from hr_diversity.sheets.parquet_rows import read_parquet as read
        else:
            from hr_diversity.sheets.xlsx_rows import read_xlsx as read
        read(asked, saying)
    except Refusal as refusal:
        saying.say(b"P", [refusal.slug, str(refusal)])
    except MemoryError:
        saying.say(b"P", ["no-table", "it takes more memory to read than a file of staff does"])
    else:
        saying.say(b"E", None)


if __name__ == "__main__":
    main(sys.argv[1])
