"""The API of student code, for editors: put this file beside the program (or into the folder that the editor calls
the project), and they complete and check Robot, Gamepad and Keyboard, which need no import."""

from typing import Any, Awaitable, Callable, Coroutine, Literal, overload

class DeviceError(Exception):
    """A device is not connected, or cannot do what it was told to."""

_Button = Literal[
    "button_a", "button_b", "button_x", "button_y", "l_bumper", "r_bumper", "l_trigger", "r_trigger",
    "button_back", "button_start", "l_stick", "r_stick", "dpad_up", "dpad_down", "dpad_left", "dpad_right",
    "button_xbox",
]
_Axis = Literal["joystick_left_x", "joystick_left_y", "joystick_right_x", "joystick_right_y"]
_Key = Literal[
    "a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l", "m", "n", "o", "p", "q", "r", "s", "t", "u", "v",
    "w", "x", "y", "z", "1", "2", "3", "4", "5", "6", "7", "8", "9", "0", ",", ".", "/", ";", "'", "[", "]",
    "left_arrow", "right_arrow", "up_arrow", "down_arrow", "ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown",
]

class _Robot:
    """The robot: its devices, its actions, and what it shows at the driver station."""

    def get_value(self, device_id: str, param: str) -> Any:
        """The latest value that the device has reported: an int, a float or a bool.

        Raises DeviceError if the device is not connected or has no such parameter, ValueError if the device id
        is not of the form "6_12345".
        """

    def set_value(self, device_id: str, param: str, value: int | float | bool) -> None:
        """Sets a parameter of a device, for example the velocity of a motor (from -1 to 1).

        Raises what get_value raises, and TypeError if the value is of the wrong kind.
        """

    def run(self, function: Callable[..., Any] | Coroutine[Any, Any, Any], /, *args: Any, **kwargs: Any) -> None:
        """Runs the function beside the rest of the program, as an "action". At most 8 run at a time.

        While an action runs, another call with the same function changes nothing.
        """

    def is_running(self, function: Callable[..., Any]) -> bool:
        """Whether this function was started with Robot.run and has not returned yet."""

    def sleep(self, seconds: float) -> Awaitable[None]:
        """Pauses this function alone, for so many seconds. Ends at once when the mode ends."""

    def log(self, key: str, value: int | float | bool) -> None:
        """Shows a value under this name at the driver station. At most 255 names of up to 63 characters."""

    @property
    def start_pos(self) -> Literal["left", "right"]:
        """Where the robot starts in a match."""

class _Gamepad:
    """The gamepad of the person who drives the robot. Only in TELEOP."""

    @overload
    def get_value(self, name: _Button) -> bool: ...
    @overload
    def get_value(self, name: _Axis) -> float:
        """Whether a button is pressed, or where a stick stands (-1.0 to 1.0; up is negative)."""

    @property
    def available(self) -> bool:
        """Whether a gamepad is connected now. Without one, nothing is pressed and sticks read 0.0."""

class _Keyboard:
    """The keyboard of the person who drives the robot. Only in TELEOP."""

    def get_value(self, name: _Key) -> bool:
        """Whether a key is pressed."""

    @property
    def available(self) -> bool:
        """Whether the keyboard drives the robot now."""

Robot: _Robot
Gamepad: _Gamepad
Keyboard: _Keyboard
