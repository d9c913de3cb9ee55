"""The image engine: arrays in, arrays out, without Django, clock, settings or network access."""
