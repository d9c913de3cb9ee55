"""Telling other programs what happened: signed, retried, replayable."""
