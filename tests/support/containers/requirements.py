"""Prints why containers cannot be run here, or an empty line: `python -m` this module."""

from tests.support.containers.building import why_impossible

if __name__ == "__main__":
    print(why_impossible())
