"""Evaluations and audits, their recommendations, management's responses and what follows from them."""
