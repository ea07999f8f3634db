"""One function per command: load, decide, store, record the event. Nothing here commits."""
