"""Requests and answers. A figure that is withheld is null, and its line says `suppressed`; it is never 0."""
