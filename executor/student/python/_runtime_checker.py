"""Reads a student's program without running it, and says what will go wrong: names of the API, of parameters, of
buttons and keys where they are written out, and functions that are missing."""

import ast
import difflib
import os
import traceback

import _runtime
import _runtime_source
import _runtime_tracebacks

WARNING, ERROR = 2, 3

METHODS = {
    "Robot": ("get_value", "set_value", "run", "is_running", "sleep", "log", "start_pos"),
    "Gamepad": ("get_value", "available"),
    "Keyboard": ("get_value", "available"),
}


class Checker(ast.NodeVisitor):
    def __init__(self, file, tree):
        self.file = file
        self.findings = []
        self.functions = {}
        self.constants = {}
        self._collect(tree)

    def _collect(self, tree):
        """The file's own functions, and its constants: names that are given one literal value, once."""
        assigned = {}
        for node in ast.walk(tree):
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                assigned[node.id] = assigned.get(node.id, 0) + 1
        for node in tree.body:
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
                self.functions[node.name] = node
            if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant):
                for target in node.targets:
                    if isinstance(target, ast.Name) and assigned.get(target.id) == 1:
                        self.constants[target.id] = node.value.value
        self.own_names = set(assigned) | set(self.functions)

    def add(self, node, text):
        self.findings.append((node.lineno, f"{self.file}, line {node.lineno}: {text}"))

    def literal(self, node):
        """The value of a literal, or of a constant: in a tuple; None where it is not known before the run."""
        if isinstance(node, ast.Constant):
            return (node.value,)
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
            inner = self.literal(node.operand)
            return (-inner[0],) if inner and isinstance(inner[0], (int, float)) else None
        if isinstance(node, ast.Name) and node.id in self.constants:
            return (self.constants[node.id],)
        return None

    def api_object(self, node):
        if isinstance(node, ast.Name) and node.id in METHODS and node.id not in self.own_names:
            return node.id
        return None

    def visit_Attribute(self, node):
        name = self.api_object(node.value)
        if name and node.attr not in METHODS[name]:
            close = difflib.get_close_matches(node.attr, METHODS[name], n=1)
            meant = f"Did you mean {name}.{close[0]}?" if close else "It has " + ", ".join(METHODS[name]) + "."
            self.add(node, f"{name} has no {node.attr}. {meant}")
        self.generic_visit(node)

    def visit_Call(self, node):
        if isinstance(node.func, ast.Attribute):
            name = self.api_object(node.func.value)
            if name:
                check = getattr(self, f"check_{name}_{node.func.attr}", None)
                if check and not any(isinstance(argument, ast.Starred) for argument in node.args):
                    check(node)
        self.generic_visit(node)

    def arguments(self, node, *names):
        given = dict(zip(names, node.args))
        given.update({keyword.arg: keyword.value for keyword in node.keywords if keyword.arg in names})
        return [self.literal(given[name]) if name in given else None for name in names]

    def check_Robot_get_value(self, node):
        device_id, param = self.arguments(node, "device_id", "param")
        self.parameter(node, device_id, param, None, False)

    def check_Robot_set_value(self, node):
        device_id, param, value = self.arguments(node, "device_id", "param", "value")
        self.parameter(node, device_id, param, value, True)

    def parameter(self, node, device_id, param, value, write):
        if device_id is None:
            return
        if not isinstance(device_id[0], str):
            self.add(node, f'a device id is text in quotes, such as "6_12345", not {device_id[0]!r}')
            return
        if param is not None and not isinstance(param[0], str):
            self.add(node, f'the name of a parameter is text in quotes, not {param[0]!r}')
            return
        problem = _runtime.check_parameter(device_id[0], param and param[0], write, value)
        if problem:
            self.add(node, problem)

    def check_Gamepad_get_value(self, node):
        (name,) = self.arguments(node, "name")
        self.input(node, name, True)

    def check_Keyboard_get_value(self, node):
        (name,) = self.arguments(node, "name")
        self.input(node, name, False)

    def input(self, node, name, gamepad):
        problem = name and isinstance(name[0], str) and _runtime.check_input(name[0], gamepad)
        if problem:
            self.add(node, problem)

    def check_Robot_run(self, node):
        if not node.args or not isinstance(node.args[0], ast.Call) or not isinstance(node.args[0].func, ast.Name):
            return
        called = node.args[0].func.id
        if isinstance(self.functions.get(called), ast.FunctionDef):
            self.add(node, f"Robot.run takes the function itself: write Robot.run({called}), without the brackets")

    def check_entry_points(self, tree):
        if any(isinstance(node, ast.ImportFrom) and node.names[0].name == "*" for node in ast.walk(tree)):
            return
        for prefix in _runtime_source.PREFIXES:
            if not {prefix, prefix + "_main"} & self.own_names:
                self.findings.append((0, _runtime_source.missing_entry_points(prefix, self.file)))


def findings(text, file):
    """What is wrong with the program: a list of (level, text)."""
    try:
        tree = ast.parse(text, file)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        line = getattr(error, "lineno", None)
        place = f"{file}, line {line}" if line else file
        shown = "".join(traceback.format_exception_only(error)).rstrip("\n").split("\n")
        # Its first line names the file, which the heading does already.
        text = "\n".join(shown[1 if line else 0 :]) + _runtime_tracebacks.syntax_remedy(error)
        return [(ERROR, f"{place}: this is not Python yet\n{text}")]
    checker = Checker(file, tree)
    checker.visit(tree)
    checker.check_entry_points(tree)
    return [(WARNING, text) for _, text in sorted(set(checker.findings))]


def check(descriptor, path):
    file = os.path.basename(path)
    try:
        found = findings(_runtime_source.read(descriptor, file), file)
    except _runtime_source.SourceError as error:
        found = [(ERROR, str(error))]
    for level, text in found:
        _runtime.report_message(level, text)
