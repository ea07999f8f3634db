"""Consolidated views of what the other services state; owns nothing, every row can be rebuilt from the events."""
