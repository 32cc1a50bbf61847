"""What to do about an error, where Python's own words do not say it."""

import builtins
import difflib
import re
import sys

import _runtime

# What student code imports, before all else that could be meant by a misspelt name.
COMMON_MODULES = ("math", "random", "time", "threading", "json", "numpy")
API = {
    "Robot": ("get_value", "set_value", "run", "is_running", "sleep", "log", "start_pos"),
    "Gamepad": ("get_value", "available"),
    "Keyboard": ("get_value", "available"),
}

# What other languages write, and what Python writes: searched for in the line where Python gave up.
FOREIGN = (
    (r"\belse\s+if\b", "Write elif for else if."),
    (
        r"^\s*(if|elif|else|for|while|def)\b.*\{\s*$",
        "Python has no braces: write a colon, and indent what belongs to it.",
    ),
    (r"(\w+)\s*\+\+", r"Python has no ++: write \1 += 1."),
    (r"&&", "Write and for &&."),
    (r"\|\|", "Write or for ||."),
    (r"!(?!=)", "Write not for !."),
    (r"=>", "Write >= for =>."),
    (r"=<", "Write <= for =<."),
    (r"^\s*(function|void|func)\s+\w+", "A function begins with def: write def name():"),
    (
        r"^\s*(int|float|double|let|var|const|bool|string)\s+(\w+)\s*=",
        r"Python needs no word before a new name: write \2 = ...",
    ),
    (r"\bthen\b\s*:?\s*$", "Python has no then: write a colon."),
    (r"^\s*for\s+\w+\s+in\s+range\s*[^\s(]", "Write brackets behind range: for i in range(10):"),
)


TEXTS_AND_COMMENTS = r"""("[^"]*"|'[^']*'|#.*)"""


def _foreign(line):
    line = re.sub(TEXTS_AND_COMMENTS, "''", line)
    return next((match.expand(remedy) for pattern, remedy in FOREIGN if (match := re.search(pattern, line))), None)


def of_syntax(error):
    """A line of its own about a SyntaxError, or nothing."""
    said, line = error.msg or "", error.text or ""
    remedy = None
    if isinstance(error, IndentationError):
        remedy = "Lines that belong together begin with the same number of spaces: four for each step, and no tabs."
    elif said.startswith("unterminated string"):
        remedy = "A text begins and ends with the same quotes, in one line."
    elif said.startswith("invalid character") and re.search("[“”„‘’«»]", said):
        remedy = 'These quotes are for letters and books: write " instead.'
    elif said.startswith("invalid character") or said.startswith("invalid non-printable character"):
        remedy = "Delete this character and type it again: it only looks like one that Python knows."
    elif said == "'await' outside async function":
        remedy = "Write async def for def, or leave await out."
    elif said == "expected '('":
        remedy = "Write brackets behind the name of a function: def name():"
    elif said in ("invalid syntax", "expected ':'"):
        remedy = _foreign(line)
        if remedy is None and said == "expected ':'":
            remedy = "Write a colon at the end: what follows it, indented, belongs to it."
        elif remedy is None and re.match(r"\s*(if|elif|else|for|while|def|try|except|finally|class)\b[^:]*$", line):
            remedy = "Is a colon missing at the end of the line?"
    return "\n" + remedy if remedy else ""


def api_name(name):
    """The object of the API that is called so, whatever the case of the letters; or None."""
    return next((known for known in API if known.lower() == name.lower()), None)


def of_import(name):
    """What to do about a module that is not there."""
    if meant := api_name(name):
        return f". {meant} is there without an import: delete this line"
    for modules in COMMON_MODULES, sys.stdlib_module_names:
        if close := difflib.get_close_matches(name, modules, n=1):
            return f". Did you mean '{close[0]}'?"
    return " on the robot"


def of_unknown_name(name, used_as):
    """What a name is meant for that nothing is called; or None. `used_as`: what stands behind it, "." or "("."""
    if meant := api_name(name):
        return f"Did you mean {meant}? Capital letters count"
    if used_as == "(" and name in API["Robot"]:
        return f"Did you mean Robot.{name}?"
    if used_as == "." and name in sys.stdlib_module_names:
        return f"Did you forget to write 'import {name}' at the top?"
    return None


def _last_frame(error):
    tb = error.__traceback__
    while tb is not None and tb.tb_next is not None:
        tb = tb.tb_next
    return tb and tb.tb_frame


def _without_quotes(name, line):
    """Whether the name stands where the API takes a text."""
    return re.search(
        rf"\bRobot\.(get|set)_value\(([^,()]*,)?\s*{name}\s*[,)]|\bRobot\.log\(\s*{name}\s*,"
        rf"|\b(Gamepad|Keyboard)\.get_value\(\s*{name}\s*\)",
        line,
    )


def _close(name, candidates, cutoff=0.6):
    candidates = [known for known in candidates if not known.startswith("_") or name.startswith("_")]
    close = difflib.get_close_matches(name, candidates, n=1, cutoff=cutoff)
    return f". Did you mean: '{close[0]}'?" if close and close[0] != name else ""


def _of_name_error(error, line):
    frame = _last_frame(error)
    said = re.search(r"'(\w+)'", str(error))
    name = said[1] if said else ""
    if isinstance(error, UnboundLocalError) and frame is not None and name in frame.f_globals:
        return f". To change it here, write 'global {name}' as the first line of {frame.f_code.co_name}"
    own = {*frame.f_locals, *frame.f_globals} if frame is not None else ()
    if _without_quotes(name, line):
        return _close(name, own, 0.75) or f'. Did you forget the quotes? Write "{name}"'
    if isinstance(error, UnboundLocalError):
        return ". Give it a value before this line is reached"
    behind = re.search(rf"\b{name}\s*([.(])", line)
    if certain := of_unknown_name(name, behind and behind[1]):
        return ". " + certain
    return _close(name, {*own, *dir(builtins)})


def _of_attribute_error(error, line):
    if error.obj is None:
        return _of_type_error("NoneType")
    if type(error.obj).__name__ in API and type(error.obj).__module__ == "_runtime_api":
        return ""
    if api := re.search(rf"\b({'|'.join(API)})\.{error.name}\b", line):
        return f". {api[1]} is something else in this program: give that another name"
    return _close(error.name, dir(error.obj))


def _of_type_error(said):
    if re.search(r"can only concatenate str|must be str, not|unsupported operand .*'str'", said) or re.search(
        r"not supported between instances of .*'str'", said
    ):
        return ". Text and numbers do not mix: write numbers without quotes, and print both with a comma between"
    if "NoneType" in said:
        return ". Something here is None: a function that returns nothing, or one whose brackets are missing"
    if re.search(r"concatenate tuple|operand.*'tuple'|not tuple \(\d+, \d+\)", said):
        return ". A number has a point, not a comma: 0.5"
    if re.search(r"'(bool|str|int|float)' object is not callable", said):
        return ". This is no function: leave out the brackets behind it"
    if re.search(r"'(builtin_function_or_method|function|method)' object is not subscriptable", said):
        return ". A function is called with round brackets: ( )"
    if re.search(r"\.\w+\(\) takes 0 positional arguments but 1 was given", said):
        return ". The first parameter of a method is self"
    if "operand" in said and ("function" in said or "method" in said):
        return ". To call a function, write brackets behind its name: ( )"
    return ""


def of(error, line):
    """What to add to an error's own words. `line`: the student's line where it happened."""
    if isinstance(error, ModuleNotFoundError) and error.name:
        return of_import(error.name)
    if isinstance(error, SyntaxError):
        return of_syntax(error)
    if "Did you mean" in str(error):
        return ""
    if isinstance(error, NameError):
        return _of_name_error(error, line)
    if isinstance(error, AttributeError) and isinstance(error.name, str):
        return _of_attribute_error(error, line)
    if isinstance(error, TypeError):
        return _of_type_error(str(error))
    if isinstance(error, ZeroDivisionError):
        return ". Check that what you divide by is not 0"
    if isinstance(error, EOFError) and "reading a line" in str(error):
        return ". Nobody can type here: use Keyboard.get_value"
    if isinstance(error, IndexError) and "out of range" in str(error):
        return ". Counting begins with 0: the last of three is [2]"
    if isinstance(error, RecursionError):
        return ". A function calls itself without an end"
    if _is_name_lookup(error):
        return _runtime.NOT_ALLOWED
    if isinstance(error, MemoryError):
        return " (the program has used up the memory that it may have on the robot)"
    return ""


def _is_name_lookup(error):
    """A name on the network that cannot be looked up, perhaps inside a library."""
    socket = sys.modules.get("socket")
    reason = getattr(error, "reason", None)
    return socket is not None and any(isinstance(one, socket.gaierror) for one in (error, reason))
