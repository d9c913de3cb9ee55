"""One file for each platform: its description and its adapter."""
