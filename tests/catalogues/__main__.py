"""Bring the catalogues up to date, or list what a language lacks.

`python -m tests.catalogues` extracts every msgid, merges the catalogues of `branding/locale` and
compiles them. `python -m tests.catalogues de` writes what that language lacks to standard output
instead, and exits with 1 if it lacks something.
"""

import sys

from tests.catalogues import files
from tests.catalogues.extraction import build_template


def main(arguments: list[str]) -> int:
    """Run the command; return its exit status."""
    template = build_template()
    if not arguments:
        for language in files.LANGUAGES:
            catalog = files.merge(language, template)
            translated_count = len(catalog) - len(list(files.find_untranslated(catalog)))
            print(f"{language}: {translated_count} of {len(catalog)} translated")
        return 0
    problems = [
        problem
        for language in arguments
        for problem in files.find_problems(files.read(language), template)
    ]
    print("\n".join(problems))
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
