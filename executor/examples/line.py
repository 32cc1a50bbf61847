"""Follows a line: the two motors turn towards the side where the line is. For AUTO; in TELEOP the keys w and s
drive, and a wave of the servo runs beside that."""

MOTORS = "6_1"  # velocity_a: the left motor, velocity_b: the right one
LINE = "2_4"
SERVO = "4_2"

SPEED = 0.4

turns = 0


# ---- AUTO


def autonomous_setup():
    print("starting at the", Robot.start_pos)


def autonomous_main():
    left = Robot.get_value(LINE, "left")
    right = Robot.get_value(LINE, "right")
    turn = right - left
    Robot.set_value(MOTORS, "velocity_a", SPEED + turn)
    Robot.set_value(MOTORS, "velocity_b", SPEED - turn)
    Robot.log("on the line", Robot.get_value(LINE, "center"))


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
