"""The catalogues of translations: `make messages` extracts, merges and compiles them."""
