"""What goes wrong for the person at the terminal: one sentence, no trace, exit code 1."""


class Trouble(Exception):  # noqa: N818 (what the person sees is its text, not its name)
    """Ends the command. The text is a whole sentence that says what to do where that is known."""
