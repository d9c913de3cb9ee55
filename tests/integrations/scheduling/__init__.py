"""Schedules: each run once, nothing missed, whatever the clocks do; and only their owner's."""
