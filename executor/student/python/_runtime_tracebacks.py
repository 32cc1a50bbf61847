"""Tracebacks as a student should read them: their own file and lines, not the machinery around it."""

import difflib
import re
import sys
import traceback

import _runtime

HIDDEN = "<runtime>"
MAX_TEXT = 24 * 1024
# Python's own recursion limit is 1000; of deeper stacks the beginning says enough, and all would take too long.
MAX_FRAMES = 1500
# What student code imports, before all else that could be meant by a misspelt name.
COMMON_MODULES = ("math", "random", "time", "threading", "json", "numpy")


def _is_end_of_mode(described):
    return described is not None and described.exc_type is _runtime.ModeEnded


def _is_ours(frame):
    return frame.filename.startswith(HIDDEN)


def _clean(error, student_file, seen):
    """Removes our own frames, and what lies between them and the student's first (threading, asyncio)."""
    if error is None or id(error) in seen:
        return
    seen.add(id(error))
    frames = [frame for frame in error.stack if not _is_ours(frame)]
    first = next((i for i, frame in enumerate(frames) if frame.filename == student_file), 0)
    error.stack[:] = frames[first:]
    # It raised what the program is ended with: no error of the student's.
    if _is_end_of_mode(error.__context__):
        error.__context__ = None
    _clean(error.__cause__, student_file, seen)
    _clean(error.__context__, student_file, seen)
    for part in getattr(error, "exceptions", None) or ():
        _clean(part, student_file, seen)


def _names_in_reach(error):
    tb = error.__traceback__
    while tb is not None and tb.tb_next is not None:
        tb = tb.tb_next
    names = set(dir(__builtins__)) if not isinstance(__builtins__, dict) else set(__builtins__)
    if tb is not None:
        names.update(tb.tb_frame.f_locals, tb.tb_frame.f_globals, tb.tb_frame.f_builtins)
    return names


def syntax_remedy(error):
    """What to do about a SyntaxError, where Python's own words do not say it."""
    if isinstance(error, IndentationError):
        return "\nLines that belong together begin with the same number of spaces: four for each step, and no tabs."
    return ""


def _without_quotes(error, line):
    """The name that stands where the API takes a text, if that is what is wrong with the line."""
    said = re.search(r"(?:name|variable) '(\w+)'", str(error))
    if said and re.search(r"\b(Robot|Gamepad|Keyboard)\.\w+\((.*,)?\s*" + said[1] + r"\s*[,)]", line):
        return said[1]
    return None


def _suggestion(error, line):
    """What Python itself adds when it prints to a terminal, and what helps beyond that."""
    if isinstance(error, NameError):
        name = _without_quotes(error, line)
        if name:
            return f'. Did you forget the quotes? Write "{name}"'
    if isinstance(error, ModuleNotFoundError) and error.name:
        for modules in COMMON_MODULES, sys.stdlib_module_names:
            if close := difflib.get_close_matches(error.name, modules, n=1):
                return f". Did you mean '{close[0]}'?"
        return " on the robot"
    if isinstance(error, SyntaxError):
        return syntax_remedy(error)
    if isinstance(error, (NameError, AttributeError)) and isinstance(getattr(error, "name", None), str):
        if isinstance(error, AttributeError):
            candidates = dir(error.obj) if error.obj is not None else []
        else:
            candidates = _names_in_reach(error)
        candidates = [name for name in candidates if not name.startswith("_") or error.name.startswith("_")]
        close = difflib.get_close_matches(error.name, candidates, n=1, cutoff=0.6)
        if close and close[0] != error.name and "Did you mean" not in str(error):
            return f". Did you mean: '{close[0]}'?"
    if isinstance(error, PermissionError):
        return (
            " (not allowed on the robot: student code may not use the network, start programs, touch other"
            " programs, or write files outside its own directory)"
        )
    if isinstance(error, MemoryError):
        return " (the program has used up the memory that it may have on the robot)"
    return ""


def text_of(error, student_file):
    """The whole traceback of an exception as text, without a newline at its end."""
    described = traceback.TracebackException.from_exception(error, limit=MAX_FRAMES, compact=True)
    _clean(described, student_file, set())
    line = (described.stack[-1].line if described.stack else None) or ""
    text = "".join(described.format()).rstrip("\n") + _suggestion(error, line)
    if len(text) > MAX_TEXT:
        half = MAX_TEXT // 2
        text = text[:half] + "\n  ... (the middle of a long traceback is left out)\n" + text[-half:]
    return text
