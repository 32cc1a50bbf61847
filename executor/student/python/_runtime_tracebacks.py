"""Tracebacks as a student should read them: their own file and lines, not the machinery around it."""

import traceback

import _runtime
import _runtime_hints

HIDDEN = "<runtime>"
# As it is sent, in UTF-8: executor/messages.hpp takes 32 KiB, and cuts what is behind.
MAX_BYTES = 24 * 1024
# Python's own recursion limit is 1000; of deeper stacks the beginning says enough, and all would take too long.
MAX_FRAMES = 1500


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


def _hint(error, described):
    """What helps beyond Python's own words. Errors of student code's own classes may be anything."""
    try:
        line = (described.stack[-1].line if described.stack else None) or ""
        return _runtime_hints.of(error, line)
    except Exception:
        return ""


def text_of(error, student_file):
    """The whole traceback of an exception as text, without a newline at its end."""
    described = traceback.TracebackException.from_exception(error, limit=MAX_FRAMES, compact=True)
    _clean(described, student_file, set())
    text = "".join(described.format()).rstrip("\n") + _hint(error, described)
    sent = text.encode("utf-8", "backslashreplace")
    if len(sent) <= MAX_BYTES:
        return text
    first, last = sent[: MAX_BYTES // 2], sent[-MAX_BYTES // 2 :]
    middle = b"\n  ... (the middle of a long traceback is left out)\n"
    return (first + middle + last).decode("utf-8", "ignore")
