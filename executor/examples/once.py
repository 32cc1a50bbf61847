"""The same robot as in drive.py, in the other style: one function for each mode, called once."""

MOTORS = "6_1"  # the motor controller: the type (6: KoalaBear), _, and its own number
SPEED = 0.8


def drive(left, right):
    try:
        Robot.set_value(MOTORS, "velocity_a", left)
        Robot.set_value(MOTORS, "velocity_b", right)
    except DeviceError as problem:
        print(problem)
        Robot.sleep(1)


def autonomous():
    print("AUTO: starting at the", Robot.start_pos)
    drive(0.5, 0.5)
    Robot.sleep(2)
    turn = 0.5 if Robot.start_pos == "left" else -0.5
    drive(turn, -turn)
    Robot.sleep(1)
    drive(0, 0)


def teleop():
    print("TELEOP: drive with the left stick, or with w a s d")
    while True:
        if Gamepad.available:
            forward = -Gamepad.get_value("joystick_left_y")  # up is negative
            turn = Gamepad.get_value("joystick_left_x")
        else:
            forward = Keyboard.get_value("w") - Keyboard.get_value("s")
            turn = Keyboard.get_value("d") - Keyboard.get_value("a")
        left = SPEED * max(-1, min(1, forward + turn))
        right = SPEED * max(-1, min(1, forward - turn))
        drive(left, right)
        Robot.log("left", left)
        Robot.log("right", right)
        Robot.sleep(0.01)
