"""One file per view: what a row means, its table, one handler per event, and the queries that the API calls."""
