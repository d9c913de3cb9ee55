"""The studio engine: arrays in, arrays out; no Django, clock, settings or network."""
