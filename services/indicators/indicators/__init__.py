"""Plans, indicators, targets, results, custodians and accelerating actions."""
