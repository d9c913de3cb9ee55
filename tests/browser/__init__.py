"""Tests in a real browser, against Facet as `make run` starts it."""
