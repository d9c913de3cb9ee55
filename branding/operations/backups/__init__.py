"""Backup and restore: one archive of all rows and files, and optionally of the keys.

The archive is a gzipped tar of `about.json` (format, version, migrations, vault key), `keys` (if
asked for, encrypted), `rows.jsonl` (one row a line), `files/…` and `complete.json` (the numbers of
rows and files). With a passphrase the whole file is encrypted.
"""
