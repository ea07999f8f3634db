"""What a spreadsheet would take for a formula, and how a text is written in CSV so that none does (OWASP ASVS 1.2.10)."""

STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")  # noqa: RUF001 (the full-width forms start a formula too)


def guard(text: str) -> str:
    """`text` with an apostrophe before it where it would be a formula, or begins with an apostrophe itself."""
    return f"'{text}" if text.startswith((*STARTS, "'")) else text
