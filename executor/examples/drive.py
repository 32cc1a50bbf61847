"""Drives a robot with two motors: with the left stick of a gamepad, or with the keys w a s d or the arrows.

In AUTO it drives forward for two seconds, then turns on the spot. This is the style with a setup function and
a main function that is called again and again; once.py beside it does the same in the other style.
"""

# The motor controller: its type (6: KoalaBear), _, and its own number. The driver station lists the devices.
MOTORS = "6_1"

SPEED = 0.8

drives_with = None


def drive(left, right):
    """Sets both motors. Without the motor controller nothing happens, and the program goes on."""
    try:
        Robot.set_value(MOTORS, "velocity_a", left)
        Robot.set_value(MOTORS, "velocity_b", right)
    except DeviceError as problem:
        complain(problem)


last_complaint = None


def complain(problem):
    """Prints a problem once, not a thousand times a second."""
    global last_complaint
    if str(problem) != last_complaint:
        last_complaint = str(problem)
        print(problem)


def pressed(*keys):
    return any(Keyboard.get_value(key) for key in keys)


def wish():
    """How fast to go forward and to turn right, each from -1 to 1."""
    global drives_with
    if Gamepad.available:
        source = "the gamepad"
        forward = -Gamepad.get_value("joystick_left_y")  # up is negative
        turn = Gamepad.get_value("joystick_left_x")
    else:
        source = "the keyboard" if Keyboard.available else "nothing: connect a gamepad or the keyboard"
        forward = pressed("w", "up_arrow") - pressed("s", "down_arrow")
        turn = pressed("d", "right_arrow") - pressed("a", "left_arrow")
    if source != drives_with:
        drives_with = source
        print("driven with", source)
    return forward, turn


def bounded(value):
    return max(-1.0, min(1.0, value))


# ---- AUTO


def autonomous_setup():
    print("AUTO: starting at the", Robot.start_pos)
    Robot.run(routine)


def routine():
    """An action: it runs beside autonomous_main and may sleep."""
    drive(0.5, 0.5)
    Robot.sleep(2)
    turn = 0.5 if Robot.start_pos == "left" else -0.5
    drive(turn, -turn)
    Robot.sleep(1)
    drive(0, 0)
    print("AUTO: routine is finished")


def autonomous_main():
    show_encoders()


# ---- TELEOP


def teleop_setup():
    print("TELEOP: drive with the left stick, with w a s d or with the arrow keys")


def teleop_main():
    forward, turn = wish()
    left = bounded(SPEED * (forward + turn))
    right = bounded(SPEED * (forward - turn))
    drive(left, right)
    Robot.log("left", left)
    Robot.log("right", right)
    show_encoders()


def show_encoders():
    try:
        Robot.log("encoder_left", Robot.get_value(MOTORS, "enc_a"))
        Robot.log("encoder_right", Robot.get_value(MOTORS, "enc_b"))
    except DeviceError as problem:
        complain(problem)
