"""Says when setup or main take too long, and where the time goes: the student's own line."""

import inspect
import linecache
import sys
import threading
import time

import _runtime

LONGEST_SETUP = 2.0
LONGEST_ITERATION = 0.1
BETWEEN_REPORTS = 1.0
LOOK_EVERY = 0.05
# After the end of the mode: executor kills after 0.2 s.
LATE_END = 0.12
WARNING = 2


def student_frame(run):
    """Where the main thread is in the student's file; None if it is not in it."""
    frame = sys._current_frames().get(threading.main_thread().ident)
    while frame is not None and frame.f_code.co_filename != run.file:
        frame = frame.f_back
    # What awaits stands on no stack.
    coroutine = None if frame else run.coroutine
    while inspect.iscoroutine(coroutine):
        inner = coroutine.cr_frame
        if inner is not None and inner.f_code.co_filename == run.file:
            frame = inner
        coroutine = coroutine.cr_await
    return frame


def where(run):
    """The student's line that the main thread is at: `: it is at FILE, line 7, in teleop: time.sleep(1)`, or empty."""
    frame = student_frame(run)
    if frame is None:
        return ""
    source = linecache.getline(run.file, frame.f_lineno).strip()
    return f": it is at {run.file}, line {frame.f_lineno}, in {frame.f_code.co_name}: {source:.80}"


def _load_asyncio():
    """For what is `async def`. The process is ready without it; it takes longer than a short setup may."""
    import asyncio  # noqa: F401


def _watch(run):
    run.begun.wait()
    last = 0.0
    setup_told = False
    while _runtime.sleep_until_end(LOOK_EVERY):
        now = time.monotonic()
        if run.setup_began is not None:
            if not setup_told and now - run.setup_began > LONGEST_SETUP:
                setup_told = True
                _runtime.report_message(
                    WARNING, f"Setting up takes longer than 2 seconds{where(run)} (the main function waits for it)"
                )
            continue
        if _runtime.iteration_seconds() > LONGEST_ITERATION and now - last >= BETWEEN_REPORTS:
            last = now
            _runtime.report_message(
                WARNING,
                f"The main function takes longer than 100 ms, and the robot reacts late{where(run)}"
                " (what takes long belongs into a function that Robot.run starts)",
            )
    time.sleep(LATE_END)
    if not run.over and not run.failed:
        _runtime.report_message(WARNING, f"The mode has ended, but the program has not{where(run)}")


def watch(run):
    threading.Thread(target=_watch, args=(run,), daemon=True).start()
    threading.Thread(target=_load_asyncio, daemon=True).start()
