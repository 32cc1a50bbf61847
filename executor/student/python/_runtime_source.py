"""Reading a student's file: shared by what runs it and what checks it."""

import difflib
import io
import linecache
import os


class SourceError(Exception):
    """Why a file is no program, in words for a student."""


def read(descriptor, name):
    """The text of the file. Raises SourceError."""
    parts = []
    while part := os.read(descriptor, 1 << 16):
        parts.append(part)
    raw = b"".join(parts)
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        raise SourceError(
            f'{name}, line {line}: this is not text in UTF-8. Save the file with the encoding "UTF-8".'
        ) from None
    if "\0" in text:
        line = text[: text.index("\0")].count("\n") + 1
        raise SourceError(f"{name}, line {line}: there is a NUL character. Is this a Python file?")
    if not text.strip():
        raise SourceError(f"{name} is empty: upload it again.")
    return text


def remember(name, text):
    """Has tracebacks show the lines of this text, which the process may not be able to read again."""
    # Not splitlines: it ends a line also at characters that Python takes for a part of it, such as a form feed.
    linecache.cache[name] = (len(text), None, io.StringIO(text, newline=None).readlines(), name)


def compiled(text, name):
    """The program as it runs. Raises SourceError, and what Python raises for what is no program."""
    try:
        return compile(text, name, "exec", dont_inherit=True)
    except (RecursionError, MemoryError):
        raise SourceError(
            f"{name}: an expression or a chain of elif in it is too long for Python: split it"
        ) from None


PREFIXES = {"autonomous": "AUTO", "teleop": "TELEOP"}


def missing_entry_points(prefix, name, lines):
    """`lines`: the functions that there are instead, and where they begin."""
    wanted = (prefix, prefix + "_main")
    close = next((known for known in lines if difflib.get_close_matches(known.lower(), wanted, 1, 0.85)), None)
    meant = f" Is it {close} in line {lines[close]}?" if close else ""
    return (
        f"{name} has neither {prefix}_main nor {prefix}: {PREFIXES[prefix]} has nothing to run. "
        f"Write {prefix}_setup() and {prefix}_main(), or {prefix}().{meant}"
    )


def takes_values(place, name):
    return f"{place}: {name} is called without values: write def {name}():"
