"""Reading a staffing snapshot: bytes in, counted and pseudonymised people out. Nothing here knows the database.

    receiving   the body as it arrives, its unpacking, and its encoding
    mapping, declaring      how a source lays out its files, and what is wrong with a declaration of it
    lines       chunks of whole lines, and what makes a file no text file
    csv_rows, ndjson_rows   one file per format: a chunk of lines -> a frame of texts, and the lines that are no rows
    tables      XLSX and Parquet, which have to be whole: a process of its own reads them, frame by frame
    columns, checks         what a row must be, checked in sets
    findings    what was refused and why, bounded
    keeping     pseudonyms, duplicates, the stored form, the cube
    taking      the whole, off the event loop

What must not break: a staff id never leaves this package (it becomes a pseudonym here, and findings show no value of that column);
memory does not grow with the file but for the compressed chunks and one pseudonym a row; whatever the bytes are, the answer is a
snapshot or a Problem.
"""

from hr_diversity.intake.columns import FORMATS, Format
from hr_diversity.intake.findings import Refused
from hr_diversity.intake.keeping import Chunk, can_be_joined
from hr_diversity.intake.mapping import OWN, Layout
from hr_diversity.intake.receiving import choose_form
from hr_diversity.intake.taking import Taken, take_in

__all__ = ["FORMATS", "OWN", "Chunk", "Format", "Layout", "Refused", "Taken", "can_be_joined", "choose_form", "take_in"]
