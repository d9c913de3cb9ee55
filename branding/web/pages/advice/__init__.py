"""Pages of the advice: for whom a person wants to be seen, and which headshot suits where."""
