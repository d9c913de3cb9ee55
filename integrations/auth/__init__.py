"""Ways to be let in: one flow for each kind of sign-in that a platform declares."""
