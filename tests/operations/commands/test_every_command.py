"""Every command of ours says what it is for and is documented; most can answer in JSON."""

import re
from pathlib import Path

import pytest
from django.core.management import get_commands, load_command_class

DOCUMENT = Path(__file__).resolve().parents[3] / "docs" / "commands.md"
OURS = {
    name: app
    for name, app in get_commands().items()
    if app.split(".")[0] in ("branding", "headshots", "integrations")
}
JSON = {
    "connect",
    "export_account",
    "import_account",
    "headshots",
    "platforms",
    "publish",
    "schedule",
    "undo",
}


def parser_of(name):
    command = load_command_class(OURS[name], name)
    return command, command.create_parser("manage.py", name)


def verb_parsers(parser):
    """The parser, or that of each verb it has."""
    choice_lists = [choices.choices for choices in parser._actions if hasattr(choices, "choices")]
    subparsers = [
        verb_parser
        for choices in choice_lists
        if isinstance(choices, dict)
        for verb_parser in choices.values()
    ]
    return subparsers or [parser]


@pytest.mark.parametrize("name", sorted(OURS))
def test_command_says_what_it_is_for(name):
    command, parser = parser_of(name)
    assert len(command.help) > 20 and command.help.endswith(".")
    assert command.help.split()[0] in parser.format_help()
    for leaf in verb_parsers(parser):
        assert leaf.description


@pytest.mark.parametrize("name", sorted(JSON))
def test_verb_speaks_to_programs(name):
    _, parser = parser_of(name)
    for leaf in verb_parsers(parser):
        assert "--json" in leaf.format_help(), leaf.prog


@pytest.mark.parametrize(
    "name", ["connect", "export_account", "import_account", "publish", "schedule", "undo"]
)
def test_verb_documents_how_it_ends(name):
    _, parser = parser_of(name)
    for leaf in verb_parsers(parser):
        assert "Exit codes: 0 done, 2 refused" in leaf.format_help(), leaf.prog
        assert "--account" in leaf.format_help()


def test_documentation_lists_every_command():
    table = re.search(r"<!-- commands -->\n(.*?)\n<!-- /commands -->", DOCUMENT.read_text(), re.S)
    firsts = [row.split("|")[1] for row in table[1].splitlines()[2:]]
    assert sorted(re.findall(r"`(\w+)`", "".join(firsts))) == sorted(OURS)
