"""Runs compose.yaml with real Docker: that of this machine, or one in namespaces of its own."""
