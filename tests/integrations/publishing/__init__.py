"""Publishing: one effect, seen or looked for, undone, and never over what a person set by hand."""
