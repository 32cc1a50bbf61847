"""One run of a mode: imports the student's file, calls its functions, reports how it ended."""

import builtins
import codecs
import errno
import inspect
import io
import os
import signal
import sys
import threading
import types
import weakref

import _runtime
import _runtime_actions
import _runtime_api
import _runtime_pace
import _runtime_source
import _runtime_tracebacks

# What student programs import most: loaded while the process waits.
import collections, datetime, enum, functools, itertools, json, math, random, re, time  # noqa: E401,F401

GRACE_FOR_ACTIONS = 0.05
# For the words of a failure; executor takes the process away after 3 s.
TIME_TO_TELL = 2.0
# Deeper recursions meet the memory limit first, and then the interpreter takes minutes to take down the stack.
MAX_RECURSION = 50_000


class Run:
    def __init__(self):
        # False only where the end of the mode may be raised.
        self.over = True
        self.failed = False
        self.file = "student_code.py"
        # What the main thread runs, where that is an `async def`.
        self.coroutine = None
        self.lock = threading.Lock()
        self.begun = threading.Event()
        # Set when the words of the failure are on their way.
        self.told = threading.Event()
        # From the first line of the file to the end of X_setup.
        self.setup_began = None
        # References to the files that the program has opened: Python, which would write what they hold, is not asked
        # when the process leaves.
        self.files = set()
        # For reporting that memory has run out.
        self.reserve = bytearray(4 << 20)

    def on_end_signal(self, number, frame):
        if not self.over:
            raise _runtime.ModeEnded()

    def fail(self, describe):
        """Reports a failure, once: first that there is one, since the motors stop on it, then the words. What
        fails in a `finally` after the end of the mode is told too, but the run has not failed."""
        with self.lock:
            first = not self.failed
            self.failed = True
        if not first:
            self.wait_until_told()
            return
        ending = _runtime.ending()
        if not ending:
            _runtime.report_failed()
        self.reserve = None
        try:
            try:
                text = describe()
            except BaseException as problem:
                text = f"The program failed; there is no traceback ({type(problem).__name__})"
            flush(sys.stdout, sys.stderr)
            _runtime.report_traceback(("The mode had ended when this happened:\n" if ending else "") + text)
        finally:
            self.told.set()

    def wait_until_told(self):
        """Before the process ends, which takes away the thread that tells."""
        if self.failed:
            self.told.wait(TIME_TO_TELL)

    def fail_with(self, error):
        self.fail(lambda: _runtime_tracebacks.text_of(error, self.file))

    def on_action_failure(self, error):
        ending = _runtime.ending()
        try:
            self.fail_with(error)
        finally:
            if not ending:
                os.kill(os.getpid(), _runtime.end_signal)


def flush(*streams):
    for stream in streams:
        try:
            stream.flush()
        except Exception:
            pass


def call(function):
    """Calls an entry point, which may be an `async def`."""
    result = function()
    if inspect.iscoroutine(result):
        the_run.coroutine = result
        _runtime_actions.run_coroutine(result)


the_run = Run()


def bound_recursion():
    set_limit = sys.setrecursionlimit

    @functools.wraps(set_limit)
    def setrecursionlimit(limit, /):
        set_limit(min(limit, MAX_RECURSION))

    sys.setrecursionlimit = setrecursionlimit


def remember_files():
    open_file = io.open

    @functools.wraps(open_file)
    def open(*args, **kwargs):
        file = open_file(*args, **kwargs)
        the_run.files.add(weakref.ref(file, the_run.files.discard))
        return file

    io.open = builtins.open = open


def refuse_aloud():
    """os.system would say that it cannot start a program with a number only."""

    @functools.wraps(os.system)
    def system(command):
        raise PermissionError(errno.EPERM, os.strerror(errno.EPERM))

    os.system = system


def prepare():
    """Everything that can be done before it is known what to run."""
    bound_recursion()
    refuse_aloud()
    remember_files()
    for name, value in _runtime_api.NAMES.items():
        setattr(builtins, name, value)
    sys.stdout.reconfigure(line_buffering=True)
    sys.setswitchinterval(0.001)
    sys.argv = [""]
    sys.unraisablehook = _runtime.on_unraisable
    signal.signal(_runtime.end_signal, the_run.on_end_signal)
    _runtime.install_end_signal()


def warm_up():
    """What the start of a mode would otherwise take time for. In the sandbox, which holds for new threads only."""
    _runtime_pace.watch(the_run)
    codecs.lookup("utf-8-sig")
    compile("def teleop():\n    pass\n", "<runtime>", "exec", dont_inherit=True)


def load(text, path):
    stem = os.path.splitext(the_run.file)[0]
    module = types.ModuleType(stem)
    module.__file__ = path
    sys.modules[stem] = module
    sys.path.append(os.path.dirname(path))
    exec(_runtime_source.compiled(text, the_run.file), module.__dict__)
    return module


def first_line(function):
    return getattr(getattr(function, "__code__", None), "co_firstlineno", None)


def entry_point(module, name):
    """The function of the student's program that is called so, or None. Raises SourceError if it cannot be called:
    that would be an error without a line."""
    function = getattr(module, name, None)
    if function is None:
        return None
    line = first_line(function)
    place = f"{the_run.file}, line {line}" if line else the_run.file
    if not callable(function):
        raise _runtime_source.SourceError(f"{place}: {name} is no function: write def {name}():")
    try:
        signature = inspect.signature(function)
    except (TypeError, ValueError):
        return function
    try:
        signature.bind()
    except TypeError:
        raise _runtime_source.SourceError(_runtime_source.takes_values(place, name)) from None
    return function


def run_entry_points(module, prefix, actions):
    main = entry_point(module, prefix + "_main")
    once = entry_point(module, prefix) if main is None else None
    if main is not None:
        setup = entry_point(module, prefix + "_setup")
        if setup is not None:
            call(setup)
        the_run.setup_began = None
        if inspect.iscoroutinefunction(main):
            _runtime.main_loop(lambda: call(main))
        else:
            _runtime.main_loop(main)
    elif once is not None:
        the_run.setup_began = None
        call(once)
        actions.wait()
    else:
        lines = {name: line for name, value in vars(module).items() if (line := first_line(value))}
        raise _runtime_source.SourceError(_runtime_source.missing_entry_points(prefix, the_run.file, lines))


def run(descriptor, path, prefix, start_pos):
    the_run.file = os.path.basename(path)
    actions = _runtime_actions.Actions(the_run.on_action_failure)
    _runtime_api.begin(actions, start_pos)
    the_run.begun.set()
    try:
        try:
            the_run.over = False
            if _runtime.ending():
                raise _runtime.ModeEnded()
            text = _runtime_source.read(descriptor, the_run.file)
            os.close(descriptor)
            _runtime_source.remember(the_run.file, text)
            the_run.setup_began = time.monotonic()
            run_entry_points(load(text, path), prefix, actions)
        finally:
            the_run.over = True
    except _runtime.ModeEnded:
        pass
    except SystemExit:
        pass
    except _runtime_source.SourceError as error:
        message = str(error)
        the_run.fail(lambda: message)
    except BaseException as error:
        the_run.fail_with(error)
        # To let go of a million frames would take longer than the end of a mode may.
        leave(actions)
    leave(actions)


def leave(actions):
    ending = _runtime.ending()
    # Robot.sleep and what else waits in an action ends.
    os.kill(os.getpid(), _runtime.end_signal)
    actions.end(GRACE_FOR_ACTIONS)
    flush(sys.stdout, sys.stderr, *(file() for file in tuple(the_run.files)))
    the_run.wait_until_told()
    if not the_run.failed and not ending:
        _runtime.report_ended()
    _runtime.exit()
