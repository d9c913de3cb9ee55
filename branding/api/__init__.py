"""The HTTP API under /api/v1/: every operation of the pages, for other programs."""
