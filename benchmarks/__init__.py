"""One script per figure that we claim, each with its limit measured in the same run. `make bench` runs all and writes RESULTS.md."""
