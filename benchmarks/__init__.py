"""What the provider costs: reproducible measurements, kept apart from tests.

`python3 dev.py bench` runs them on SQLite and on PostgreSQL and writes docs/performance.md.
"""
