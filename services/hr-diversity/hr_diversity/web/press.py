"""The program that prints one sheet: words and day as JSON on standard input, a PDF on standard output.

A process of its own, because the compiler keeps what it has once laid out: after 24 sheets one process held 1.2 GB.
"""

import json
import sys
from datetime import UTC, date, datetime, time
from importlib.resources import files

import typst

from hr_diversity.web import TEMPLATES


def main() -> None:
    given = json.load(sys.stdin.buffer)
    folder = str(files("fontpkg_inter") / "files")
    fonts = typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[folder])
    made = typst.compile(
        (TEMPLATES / "scorecard.typ").read_bytes(),
        font_paths=fonts,
        sys_inputs={"card": json.dumps(given["card"], ensure_ascii=False)},
        pdf_standards=["a-2a", "ua-1"],
        timestamp=datetime.combine(date.fromisoformat(given["day"]), time(), UTC),
    )
    sys.stdout.buffer.write(made)


if __name__ == "__main__":
    main()
