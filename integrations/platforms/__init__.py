"""One file a platform: what is true of it, and what is done there."""
