"""Follows a line: the two motors turn towards the side where the line is. For AUTO; in TELEOP the keys w and s
drive, and a wave of the servo runs beside that."""

import time

MOTORS = "6_1"  # velocity_a: the left motor, velocity_b: the right one
LINE = "2_4"
SERVO = "4_2"

SPEED = 0.4
DARK = 0.3  # the floor is darker than this, the line is brighter

turn_back = 0.2
last_seen = 0.0  # when


# ---- AUTO


def autonomous_setup():
    global last_seen
    print("starting at the", Robot.start_pos)
    last_seen = time.monotonic()


def autonomous_main():
    global turn_back, last_seen
    left = Robot.get_value(LINE, "left")
    center = Robot.get_value(LINE, "center")
    right = Robot.get_value(LINE, "right")
    if max(left, center, right) > DARK:
        speed = SPEED
        turn = right - left
        turn_back = 0.2 if turn > 0 else -0.2
        last_seen = time.monotonic()
    else:
        # Off the line: drive in a circle, to the side where it was last, wider and wider.
        speed = 0.3
        turn = turn_back / (1 + 0.1 * (time.monotonic() - last_seen))
    Robot.set_value(MOTORS, "velocity_a", speed + turn)
    Robot.set_value(MOTORS, "velocity_b", speed - turn)
    Robot.log("on the line", center)


# ---- TELEOP


def wave():
    for position in (1, -1, 0):
        Robot.set_value(SERVO, "servo0", position)
        Robot.sleep(0.2)


def teleop_main():
    speed = SPEED * (Keyboard.get_value("w") - Keyboard.get_value("s"))
    Robot.set_value(MOTORS, "velocity_a", speed)
    Robot.set_value(MOTORS, "velocity_b", speed)
    if Gamepad.get_value("button_a") and not Robot.is_running(wave):
        Robot.run(wave)
