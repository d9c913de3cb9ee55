"""Sign-in flows, one for each kind of sign-in that a platform can declare."""
