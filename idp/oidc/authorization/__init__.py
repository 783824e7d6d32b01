"""The authorization endpoint's decisions: one check, one file; `checks.py` shows their order."""
