"""Find the sentences for people in code that does not import Django's translation.

The engine, the platforms and the services word errors, notes and advice in English. A literal that
is a sentence (it begins with a capital, ends with a full stop and has a space) is a msgid; an
f-string is one with named placeholders. `headshots.wording` finds the msgid and its values again
when it shows the sentence.
"""

import ast
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[2]
PACKAGES: Final = ("headshots", "integrations", "branding")
# What people never see: programs of the operator, schemas for programmers, and what is for logs.
LEFT_OUT: Final = re.compile(
    r"/management/|/migrations/|/backdrops/|^branding/(operations|settings|exports)/"
    r"|^branding/(supervisor|server|env|celery|secrets)\.py|^headshots/(network_files|local_files)\.py"
    r"|/content_credentials/certificates\.py|^branding/api/schema|^branding/advice/(library|consistency)"
    r"|^headshots/engine/(networks|diffusion/(loading|models))|^headshots/diffusion/(weights|setup)|/metrics\.py$|^headshots/isolation\.py|^integrations/(management|vault)"
)
SENTENCE: Final = re.compile(r"^[A-Z'{#][^\n]*\s[^\n]*(?:[.!?]|: \{\w+\})$", re.S)
# Calls whose texts are for programmers or logs.
SILENT: Final = {
    *("debug", "info", "warning", "error", "exception", "critical"),
    *("ValueError", "TypeError", "RuntimeError", "KeyError", "AssertionError", "SettingError"),
    *("InvalidTransition", "InvalidAdviceData", "ImproperlyConfigured", "CommandError"),
    *("extend_schema", "extend_schema_serializer", "OpenApiParameter", "OpenApiResponse"),
    *("gettext", "gettext_lazy", "_", "ngettext", "pgettext", "CharField", "inline_serializer"),
    "_join_parts",  # of sentences for an image model
}
# Constants with sentences for an image model, which knows English only.
PROMPTS: Final = {"KEEP_THE_REST"}
# Keywords and constants whose texts are shown, whether or not they are whole sentences.
SHOWN_KEYWORDS: Final = {"advice", "problem", "asks", "warning", "steps", "label", "help"}
LABEL_ARGUMENT: Final = 1  # of `CredentialField`
FRAGMENTS: Final[Mapping[str, set[str]]] = {
    "headshots/engine/descriptions.py": {
        "CHANGE_PHRASES",
        "LIKENESS_PHRASES",
        "MOUTH_MOVES",
        "SIDES",
        "WARMTHS",
    },
    "headshots/engine/operations/scenes.py": {"MOODS"},
    "headshots/engine/prediction.py": {"NUMBER_WORDS"},
    "headshots/engine/recipe_fitting.py": {"REASONS"},
}


def find_sentences(path: Path) -> Iterator[tuple[int, str]]:
    """Yield the line and the msgid of every sentence in a Python file."""
    name = path.relative_to(ROOT).as_posix()
    if LEFT_OUT.search(name):
        return
    tree = ast.parse(path.read_text())
    visitor = _Visitor(FRAGMENTS.get(name, set()), only_errors=name.startswith("branding/api/"))
    visitor.visit(tree)
    yield from visitor.found


class _Visitor(ast.NodeVisitor):
    def __init__(self, fragments: set[str], *, only_errors: bool) -> None:
        self.fragments = fragments
        self.only_errors = only_errors
        self.found: list[tuple[int, str]] = []

    def visit_Expr(self, node: ast.Expr) -> None:
        """Pass over docstrings."""
        if not isinstance(node.value, ast.Constant):
            self.generic_visit(node)

    def visit_Call(self, node: ast.Call) -> None:
        """Pass over calls whose texts nobody sees, and take keywords that are always shown."""
        name = _called(node)
        if name in SILENT:
            return
        if self.only_errors and not isinstance(self.parent, ast.Raise | ast.Return):
            for child in ast.iter_child_nodes(node):
                if isinstance(child, ast.Call):
                    self.visit(child)
            return
        if name == "CredentialField":
            self._take(node.args[LABEL_ARGUMENT])
        for keyword in node.keywords:
            if keyword.arg in SHOWN_KEYWORDS:
                self._take(keyword.value)
        self.generic_visit(node)

    def visit(self, node: ast.AST) -> None:
        """Remember whose child a node is."""
        before, self.parent = getattr(self, "current", None), getattr(self, "current", None)
        self.current = node
        super().visit(node)
        self.current = before

    def visit_Assign(self, node: ast.Assign) -> None:
        self._visit_value(node.targets[0], node.value)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        if node.value:
            self._visit_value(node.target, node.value)

    def _visit_value(self, target: ast.expr, value: ast.expr) -> None:
        name = target.id if isinstance(target, ast.Name) else ""
        if name in self.fragments:
            for child in _values(value):
                self._take(child)
        elif name not in PROMPTS and (not self.only_errors or isinstance(value, ast.Call)):
            self.visit(value)

    def visit_Constant(self, node: ast.Constant) -> None:
        if isinstance(node.value, str) and SENTENCE.match(node.value):
            self._take(node)

    def visit_JoinedStr(self, node: ast.JoinedStr) -> None:
        if SENTENCE.match(template_of(node)):
            self._take(node)

    def _take(self, node: ast.expr) -> None:
        text = template_of(node)
        if re.search(r"[^\W\d_]", re.sub(r"\{\w+\}", "", text)):
            self.found.append((node.lineno, text))


def _called(node: ast.Call) -> str:
    function = node.func
    return getattr(function, "id", getattr(function, "attr", ""))


def _values(node: ast.expr) -> Iterator[ast.expr]:
    if isinstance(node, ast.Dict):
        yield from node.values
    else:
        yield from (child for child in ast.walk(node) if isinstance(child, ast.Constant))


def template_of(node: ast.expr) -> str:
    """Return a literal with `{name}` for what is filled in; "" for other expressions."""
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, str) else ""
    if not isinstance(node, ast.JoinedStr):
        return ""
    text = ""
    for part in node.values:
        if isinstance(part, ast.FormattedValue):
            text += f"{{{_new_name(_name_of(part.value), text)}}}"
        else:
            text += template_of(part)
    return text


def _new_name(name: str, text: str) -> str:
    number = 2
    unique = name
    while f"{{{unique}}}" in text:
        unique, number = f"{name}_{number}", number + 1
    return unique


def _name_of(node: ast.expr) -> str:
    """Name a placeholder after what is filled in, for the reader of the catalogue."""
    match node:
        case ast.Name(id=name):
            return name.lower()
        case ast.Attribute(attr=name):
            return name.lower()
        case ast.Subscript(slice=ast.Constant(value=str(key))):
            return key
        case ast.Call(func=ast.Name(id="len"), args=[_]):
            return "count"
        case ast.Call(args=[inner, *_]) | ast.BinOp(left=inner) | ast.Subscript(value=inner):
            return _name_of(inner)
        case ast.Call(func=ast.Attribute(value=inner)) | ast.BoolOp(values=[inner, *_]):
            return _name_of(inner)
    return "value"
