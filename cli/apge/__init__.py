"""The `apge` command: brings the platform up in one process, fills it, follows it, and keeps it in order."""
