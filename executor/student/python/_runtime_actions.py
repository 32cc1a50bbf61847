"""Robot.run: functions of the student's program that run beside X_main, each in a thread of its own."""

import contextlib
import inspect
import threading
import time

import _runtime

MAX_ACTIONS = 8
# X_main may ask for the same action a thousand times a second.
BETWEEN_REFUSALS = 1.0
WARNING = 2


def _key(function):
    """What an action is known by: its function, or of a coroutine, which does not tell its function, the code."""
    return function.cr_code if inspect.iscoroutine(function) else function


def _code(function):
    return getattr(function, "__code__", None)


def _name(function):
    return getattr(function, "__name__", None) or repr(function)


def _check_arguments(function, args, kwargs):
    """Raises what the call would raise, where Robot.run stands: in the action's thread there is no line to show."""
    try:
        signature = inspect.signature(function)
    except (TypeError, ValueError):
        return
    try:
        signature.bind(*args, **kwargs)
    except TypeError as problem:
        name = _name(function)
        write = f"Robot.run({', '.join([name, *signature.parameters])})"
        raise TypeError(f"Robot.run: {name}{signature!s:.80} is called wrongly: {problem}. Write {write}") from None


def run_coroutine(coroutine):
    import asyncio  # takes as long as all else together: loaded when the process is ready (_runtime_pace)

    with asyncio.Runner() as runner:
        threading.current_thread().loop = runner.get_loop()
        runner.run(coroutine)


def _end(thread):
    _runtime.raise_in_thread(thread.ident, _runtime.ModeEnded)
    # A loop that waits in the kernel does not see it by itself. RuntimeError: it has been closed.
    if loop := getattr(thread, "loop", None):
        with contextlib.suppress(RuntimeError):
            loop.call_soon_threadsafe(lambda: None)


class Actions:
    def __init__(self, on_failure):
        self._on_failure = on_failure
        self._lock = threading.Lock()
        self._threads = {}
        self._refused = {}  # when each refusal was told last, by its text
        self._idle = threading.Condition(self._lock)

    def run(self, function, args, kwargs):
        coroutine = inspect.iscoroutine(function)
        if not coroutine and not callable(function):
            called = "; without the brackets behind its name" if function is None else ""
            raise TypeError(
                f"Robot.run takes a function{called}: Robot.run(my_function), "
                f"not {type(function).__name__} {function!r:.80}"
            )
        name = _name(function)
        with self._lock:
            if self._runs(function):
                refused = f"Robot.run: {name} is running already; this call changes nothing"
            elif len(self._threads) >= MAX_ACTIONS:
                refused = f"Robot.run: {MAX_ACTIONS} actions run already; {name} is not started"
            else:
                refused = None
                thread = threading.Thread(
                    target=self._body, args=(function, args, kwargs), name=name, daemon=True
                )
                self._threads[_key(function)] = thread
        if refused:
            # The one that runs may be this very one.
            if coroutine and inspect.getcoroutinestate(function) == inspect.CORO_CREATED:
                function.close()
            self._tell(refused)
            return
        try:
            if not coroutine:
                _check_arguments(function, args, kwargs)
            thread.start()
        except Exception:  # not the end of the mode: the thread may have begun, and gets it, too
            self._forget(function)
            raise

    def _tell(self, refused):
        now = time.monotonic()
        with self._lock:
            self._refused = {text: told for text, told in self._refused.items() if now - told < BETWEEN_REFUSALS}
            if refused in self._refused:
                return
            self._refused[refused] = now
        _runtime.report_message(WARNING, refused)

    def _runs(self, function):
        """Whether it runs, started by its name or by a call."""
        key = _key(function)
        if inspect.iscoroutine(function):
            return key in self._threads or any(_code(running) is key for running in self._threads)
        return key in self._threads or _code(function) in self._threads

    def is_running(self, function):
        with self._lock:
            return self._runs(function)

    def wait(self):
        """Until no action runs."""
        with self._idle:
            while self._threads:
                self._idle.wait()

    def end(self, seconds):
        """Has every action end, and waits a little for their `finally`."""
        with self._lock:
            threads = list(self._threads.values())
        for thread in threads:
            if thread.ident is not None:
                _end(thread)
        with self._idle:
            self._idle.wait_for(lambda: not self._threads, seconds)

    def _forget(self, function):
        with self._idle:
            self._threads.pop(_key(function), None)
            self._idle.notify_all()

    def _body(self, function, args, kwargs):
        try:
            result = function if inspect.iscoroutine(function) else function(*args, **kwargs)
            if inspect.iscoroutine(result):
                run_coroutine(result)
        except _runtime.ModeEnded:
            pass
        except SystemExit:
            pass
        except BaseException as error:
            self._on_failure(error)
        finally:
            self._forget(function)
