"""Staffing snapshots and the measures drawn from them: women and men, never a person."""
