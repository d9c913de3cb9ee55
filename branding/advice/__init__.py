"""Advice on which headshot suits whom: what studies found, as data, and a ranking made from it."""
