"""The names that student code finds without an import: Robot, Gamepad, Keyboard, DeviceError."""

import difflib
import numbers

import _runtime


class _Awaitable:
    """What Robot.sleep returns: old code writes `await Robot.sleep(1)` in `async def` functions."""

    def __await__(self):
        return iter(())

    def __repr__(self):
        return "None"

    def __bool__(self):
        return False


_DONE = _Awaitable()


class _Plain:
    """An object of the API: a name that it does not have is answered with the one that it has."""

    __slots__ = ()

    def __getattr__(self, name):
        known = [known for known in dir(type(self)) if not known.startswith("_")]
        close = difflib.get_close_matches(name, known, n=1)
        meant = f"Did you mean {close[0]}?" if close else "It has " + ", ".join(known) + "."
        raise AttributeError(f"{self!r} has no {name}. {meant}")

    def __setattr__(self, name, value):
        raise AttributeError(f"{self!r}.{name} cannot be changed")

    def __repr__(self):
        return type(self).__name__


class Robot(_Plain):
    """The robot: its devices, its actions, and what it shows at the driver station."""

    __slots__ = ()

    get_value = staticmethod(_runtime.get_value)
    set_value = staticmethod(_runtime.set_value)
    log = staticmethod(_runtime.log)

    @staticmethod
    def run(function, /, *args, **kwargs):
        """run(function, *args, **kwargs)

        Runs the function beside the rest of the program, as an "action". At most 8 run at a time. While an
        action runs, another call with the same function changes nothing.
        """
        _actions.run(function, args, kwargs)

    @staticmethod
    def is_running(function):
        """Whether this function was started with Robot.run and has not returned yet."""
        return _actions.is_running(function)

    @staticmethod
    def sleep(seconds):
        """Pauses this function alone, for so many seconds. Ends at once when the mode ends."""
        if isinstance(seconds, bool) or not isinstance(seconds, numbers.Real):
            raise TypeError(f"Robot.sleep takes a number of seconds, not {type(seconds).__name__} {seconds!r:.80}")
        if not seconds >= 0:
            raise ValueError(f"Robot.sleep cannot sleep for {seconds} seconds")
        if not _runtime.sleep_until_end(seconds):
            raise _runtime.ModeEnded()
        return _DONE

    @property
    def start_pos(self):
        """Where the robot starts in a match: 'left' or 'right'."""
        return _start_pos


class Gamepad(_Plain):
    """The gamepad of the person who drives the robot. Only in TELEOP."""

    __slots__ = ()

    get_value = staticmethod(_runtime.gamepad_get_value)

    @property
    def available(self):
        """Whether a gamepad is connected now."""
        return _runtime.gamepad_available()


class Keyboard(_Plain):
    """The keyboard of the person who drives the robot. Only in TELEOP."""

    __slots__ = ()

    get_value = staticmethod(_runtime.keyboard_get_value)

    @property
    def available(self):
        """Whether the keyboard drives the robot now."""
        return _runtime.keyboard_available()


_actions = None
_start_pos = "left"

NAMES = {
    "Robot": Robot(),
    "Gamepad": Gamepad(),
    "Keyboard": Keyboard(),
    "DeviceError": _runtime.DeviceError,
}


def begin(actions, start_pos):
    global _actions, _start_pos
    _actions = actions
    _start_pos = start_pos
