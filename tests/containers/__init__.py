"""compose.yaml with real Docker: `make test-containers`."""
