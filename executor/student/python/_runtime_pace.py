"""Says when setup or main take too long, and where the time goes: the student's own line."""

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


def where(file):
    """The student's line that the main thread is at: ` at line 7 (time.sleep(1))`, or empty."""
    frame = sys._current_frames().get(threading.main_thread().ident)
    while frame is not None and frame.f_code.co_filename != file:
        frame = frame.f_back
    if frame is None:
        return ""
    source = linecache.getline(file, frame.f_lineno).strip()
    return f" at {file}, line {frame.f_lineno}, in {frame.f_code.co_name}: {source:.80}"


def _watch(run):
    import asyncio  # noqa: F401  for actions that are `async def`; the process is ready without it

    run.begun.wait()
    last = 0.0
    setup_told = False
    while _runtime.sleep_until_end(LOOK_EVERY):
        now = time.monotonic()
        if run.setup_began is not None:
            if not setup_told and now - run.setup_began > LONGEST_SETUP:
                setup_told = True
                _runtime.report_message(WARNING, f"Setting up takes longer than 2 seconds: it is{where(run.file)} (the main function waits for it)")
            continue
        if _runtime.iteration_seconds() > LONGEST_ITERATION and now - last >= BETWEEN_REPORTS:
            last = now
            _runtime.report_message(
                WARNING,
                f"The main function takes longer than 100 ms, and the robot reacts late: it is{where(run.file)}"
                " (what takes long belongs into a function that Robot.run starts)",
            )
    time.sleep(LATE_END)
    if not run.over and not run.failed:
        _runtime.report_message(WARNING, f"The mode has ended, but the program has not: it is{where(run.file)}")


def watch(run):
    threading.Thread(target=_watch, args=(run,), daemon=True).start()
