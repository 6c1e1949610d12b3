"""Which names a cell of a notebook assigns, and which it needs from other cells."""

import ast
import builtins


def names_in(code: str) -> tuple[set[str], set[str]]:
    """The names that a cell assigns, and those that it reads before it has assigned them, or in a function."""
    reader = _Reader()
    reader.visit(ast.parse(code))
    read = reader.read | (reader.read_later - reader.assigned)
    return reader.assigned, {name for name in read if not hasattr(builtins, name)}


class _Reader(ast.NodeVisitor):
    """Goes through a cell in the order in which Python runs it."""

    def __init__(self) -> None:
        self.assigned, self.read = set(), set()
        self.read_later: set[str] = set()  # by a function, which runs when all of the cell may be assigned

    def visit_Name(self, node):
        if isinstance(node.ctx, ast.Store):
            self.assigned.add(node.id)
        elif node.id not in self.assigned:
            self.read.add(node.id)

    def visit_Assign(self, node):
        self._visit(node.value, *node.targets)

    def visit_AnnAssign(self, node):
        self._visit(node.value, node.target)

    def visit_AugAssign(self, node):
        if isinstance(node.target, ast.Name) and node.target.id not in self.assigned:
            self.read.add(node.target.id)
        self._visit(node.value, node.target)

    def visit_For(self, node):
        self._visit(node.iter, node.target, *node.body, *node.orelse)

    def visit_alias(self, node):
        self.assigned.add((node.asname or node.name).split(".")[0])

    def visit_ListComp(self, node):
        outside = set(self.assigned)
        for part in node.generators:
            self._visit(part.iter, part.target, *part.ifs)
        self._visit(*(getattr(node, field) for field in ("elt", "key", "value") if hasattr(node, field)))
        self.assigned = outside

    visit_SetComp = visit_DictComp = visit_GeneratorExp = visit_ListComp

    def visit_FunctionDef(self, node):
        self._function(node, node.body)
        self.assigned.add(node.name)

    def visit_Lambda(self, node):
        self._function(node, [node.body])

    def _function(self, node, body):
        arguments = node.args
        self._visit(*arguments.defaults, *filter(None, arguments.kw_defaults))
        outside = set(self.assigned)
        listed = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs, arguments.vararg, arguments.kwarg]
        local = {argument.arg for argument in listed if argument}
        local |= {
            n.id for part in body for n in ast.walk(part) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)
        }
        local |= {n.name for part in body for n in ast.walk(part) if isinstance(n, ast.FunctionDef)}
        before, self.assigned, self.read = self.read, outside | local, set()
        self._visit(*body)
        self.read_later |= self.read
        self.assigned, self.read = outside, before

    def _visit(self, *nodes):
        for node in nodes:
            if node is not None:
                self.visit(node)
