#!/usr/bin/env python
"""Facet's command line: `python manage.py help` lists what it can do."""

from branding.command_line import main

if __name__ == "__main__":
    main()
