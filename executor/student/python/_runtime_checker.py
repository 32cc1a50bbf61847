"""Reads a student's program without running it, and says what will go wrong: names of the API, of parameters, of
buttons and keys where they are written out, and functions that are missing."""

import ast
import builtins
import difflib
import os
import re
import traceback

import _runtime
import _runtime_hints
import _runtime_source

WARNING, ERROR = 2, 3

METHODS = _runtime_hints.API
PROPERTIES = ("start_pos", "available")
# What each call must get. Robot.run takes whatever its function takes.
ARGUMENTS = {
    "Robot.get_value": ("device_id", "param"),
    "Robot.set_value": ("device_id", "param", "value"),
    "Robot.is_running": ("function",),
    "Robot.sleep": ("seconds",),
    "Robot.log": ("key", "value"),
    "Gamepad.get_value": ("name",),
    "Keyboard.get_value": ("name",),
}
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


def names_given(node):
    """The names that this part of a program gives to something."""
    if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
        return [node.id]
    if isinstance(node, (*FUNCTIONS, ast.ClassDef, ast.ExceptHandler, ast.MatchAs, ast.MatchStar)) and node.name:
        return [node.name]
    if isinstance(node, ast.arg):
        return [node.arg]
    if isinstance(node, (ast.Import, ast.ImportFrom)):
        return [alias.asname or alias.name.split(".")[0] for alias in node.names]
    return []


def gives_something_back(function):
    """Whether one of its own lines returns a value."""
    below = list(function.body)
    while below:
        node = below.pop()
        if isinstance(node, ast.Return) and node.value is not None:
            return True
        if not isinstance(node, (*FUNCTIONS, ast.ClassDef, ast.Lambda)):
            below += ast.iter_child_nodes(node)
    return False


class Checker:
    def __init__(self, file, text, tree):
        self.file = file
        self.text = text
        self.findings = []
        self.functions = {}
        self.constants = {}
        self.own_names = {}
        self._collect(tree)

    def _collect(self, tree):
        """The names that the file gives, its functions, and its constants: names given one literal value, once."""
        for node in ast.walk(tree):
            for name in names_given(node):
                self.own_names.setdefault(name, []).append(node)
        self.used = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
        # A name may come from anywhere.
        self.open = "*" in self.own_names
        for node in tree.body:
            if isinstance(node, FUNCTIONS):
                if node.name in self.functions:
                    before = self.functions[node.name].lineno
                    self.add(node, f"{node.name} takes the place of the one in line {before}: give it another name")
                self.functions[node.name] = node
            if isinstance(node, ast.Assign) and not self.open:
                self._constant(node)

    def visit_all(self, tree):
        """Has every part of the program looked at. Without recursion, which long expressions are too deep for."""
        for node in ast.walk(tree):
            visit = getattr(self, f"visit_{type(node).__name__}", None)
            if visit:
                visit(node)

    def _constant(self, node):
        value = node.value
        for target in node.targets:
            if not isinstance(target, ast.Name):
                continue
            if isinstance(value, ast.Constant) and len(self.own_names[target.id]) == 1:
                self.constants[target.id] = value.value

    def add(self, node, text):
        self.findings.append((node.lineno, f"{self.file}, line {node.lineno}: {text}"))

    def literal(self, node):
        """The value of a literal, or of a constant: in a tuple; None where it is not known before the run."""
        if isinstance(node, ast.Constant):
            return (node.value,)
        negative = isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub)
        if negative and not isinstance(node.operand, ast.UnaryOp):
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
        if isinstance(node.value, ast.Name):
            self.unknown_name(node.value, ".")

    def visit_Call(self, node):
        if isinstance(node.func, ast.Name):
            self.unknown_name(node.func, "(")
        if isinstance(node.func, ast.Attribute):
            name = self.api_object(node.func.value)
            if name and node.func.attr in PROPERTIES and node.func.attr in METHODS[name]:
                called = f"{name}.{node.func.attr}"
                self.add(node, f"{called} is no function: write {called}, without the brackets behind it")
            elif name and self.has_its_arguments(node, f"{name}.{node.func.attr}"):
                check = getattr(self, f"check_{name}_{node.func.attr}", None)
                if check:
                    check(node)

    def visit_Expr(self, node):
        value = node.value
        name = value.id if isinstance(value, ast.Name) else None
        if name in self.functions:
            self.add(node, f"{name} is not called: write {name}() or Robot.run({name})")
        if isinstance(value, ast.Attribute) and self.api_object(value.value) and value.attr not in PROPERTIES:
            self.add(node, f"{ast.unparse(value)} is not called: write brackets behind it")

    def visit_Assign(self, node):
        value = node.value
        if isinstance(value, ast.Tuple) and isinstance(node.targets[0], ast.Name):
            text = ast.get_source_segment(self.text, value) or ""
            if re.fullmatch(r"-?\d+,\d+", text):
                one = text.replace(",", ".")
                self.add(node, f"{text} is two numbers: if it is to be one, write {one}, with a point")

    def visit_Import(self, node):
        for name in names_given(node):
            if name in METHODS:
                self.add(node, f"{name} is there without an import: delete this line")

    visit_ImportFrom = visit_Import

    def unknown_name(self, node, used_as):
        if self.open or node.id in self.own_names or node.id in METHODS or hasattr(builtins, node.id):
            return
        if meant := _runtime_hints.of_unknown_name(node.id, used_as):
            self.add(node, f"Nothing is called {node.id}. {meant}")

    def has_its_arguments(self, node, called):
        """Whether the call can be looked into: it has what it must have, as far as that can be seen."""
        if any(isinstance(argument, ast.Starred) for argument in node.args):
            return False
        wanted = ARGUMENTS.get(called)
        if wanted is None or any(keyword.arg is None for keyword in node.keywords):
            return wanted is None
        write = f"write {called}({', '.join(wanted)})"
        missing = [name for name in wanted[len(node.args) :] if name not in {word.arg for word in node.keywords}]
        strange = [word.arg for word in node.keywords if word.arg not in wanted]
        if len(node.args) > len(wanted):
            self.add(node, f"too many values: {write}")
        elif strange:
            self.add(node, f'unexpected "{strange[0]}": {write}')
        elif missing:
            self.add(node, f"{missing[0]} is missing: {write}")
        else:
            return True
        return False

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
        first = node.args[0] if node.args else None
        if isinstance(first, ast.Call) and isinstance(first.func, ast.Name):
            called = first.func.id
            function = self.functions.get(called)
            if isinstance(function, ast.FunctionDef) and not gives_something_back(function):
                self.add(node, f"Robot.run takes the function itself: write Robot.run({called}), without the brackets")
        if isinstance(first, ast.Constant):
            self.add(node, f"Robot.run takes a function: write Robot.run(my_function), not {first.value!r:.80}")

    def check_names(self):
        for name in METHODS:
            for node in self.own_names.get(name, ()):
                if not isinstance(node, (ast.Import, ast.ImportFrom)):
                    self.add(node, f"{name} is taken by the robot: give yours another name")

    def called_by_the_robot(self):
        """Of the names that entry points have: the style that has a main goes first."""
        for prefix in _runtime_source.PREFIXES:
            has_main = prefix + "_main" in self.own_names
            yield from (prefix + "_setup", prefix + "_main") if has_main else (prefix,)

    def check_entry_points(self, tree):
        entry_points = [prefix + end for prefix in _runtime_source.PREFIXES for end in ("", "_setup", "_main")]
        for name in self.called_by_the_robot():
            if name in self.functions:
                arguments = self.functions[name].args
                if len(arguments.posonlyargs + arguments.args) > len(arguments.defaults):
                    node = self.functions[name]
                    place = f"{self.file}, line {node.lineno}"
                    self.findings.append((node.lineno, _runtime_source.takes_values(place, name)))
        for node in tree.body:
            if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
                called = getattr(node.value.func, "id", None)
                if called in entry_points:
                    self.add(node, f"the robot calls {called}: leave this line out")
        for name, node in self.functions.items():
            close = difflib.get_close_matches(name.lower(), entry_points, n=1, cutoff=0.85)
            if name in entry_points or name in self.used or not close or close[0] in self.own_names:
                continue
            # Of a function that a mode cannot do without, missing_entry_points tells.
            if close[0].endswith("_setup"):
                self.add(node, f"Nothing calls {name}. Did you mean {close[0]}?")
        if self.open:
            return
        lines = {name: node.lineno for name, node in self.functions.items()}
        for prefix in _runtime_source.PREFIXES:
            if not {prefix, prefix + "_main"} & set(self.own_names):
                self.findings.append((0, _runtime_source.missing_entry_points(prefix, self.file, lines)))


def findings(text, file):
    """What is wrong with the program: a list of (level, text)."""
    try:
        _runtime_source.compiled(text, file)
    except (SyntaxError, ValueError) as error:
        line = getattr(error, "lineno", None)
        place = f"{file}, line {line}" if line else file
        shown = "".join(traceback.format_exception_only(error)).rstrip("\n").split("\n")
        # Its first line names the file, which the heading does already.
        text = "\n".join(shown[1 if line else 0 :]) + _runtime_hints.of(error, "")
        return [(ERROR, f"{place}: this is not Python yet\n{text}")]
    try:
        tree = ast.parse(text, file)
    except RecursionError:
        # It runs, but cannot be looked into.
        return []
    checker = Checker(file, text, tree)
    checker.visit_all(tree)
    checker.check_names()
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
