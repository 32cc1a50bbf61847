"""Makes the corpus of fuzz_conversation from the recorded packets of the clients.

    make_corpus.py CLIENTS_JSON DIRECTORY
"""
import json
import pathlib
import sys

PIECE = 0x80  # a step that sends: the bit, the connection in bit 6, the length in bits 0-5


def steps(connection: int, data: bytes) -> bytes:
    result = b""
    for begin in range(0, len(data), 63):
        piece = data[begin : begin + 63]
        result += bytes([PIECE | connection << 6 | len(piece)]) + piece
    return result


def main() -> None:
    packets = {p["name"]: bytes.fromhex(p["hex"]) for p in json.load(open(sys.argv[1]))["packets"]}
    directory = pathlib.Path(sys.argv[2])
    directory.mkdir(parents=True, exist_ok=True)
    sessions = {}
    for prefix, identity in (("dawn", b"\1"), ("olddawn", b"\1"), ("shepherd", b"\0")):
        own = {name: data for name, data in packets.items() if name.startswith(prefix + "_")}
        for name, data in own.items():
            if len(data) > 1:
                sessions[name] = steps(0, identity) + steps(0, data)
        sessions[prefix] = steps(0, identity) + b"".join(
            steps(0, data) + bytes([10]) for data in own.values() if len(data) > 1
        )
    sessions["both"] = (
        steps(0, b"\1") + steps(1, b"\0") + steps(0, packets["dawn_mode_auto"])
        + steps(1, packets["shepherd_mode_auto"]) + steps(0, packets["dawn_inputs_gamepad_axes"])
        + bytes([0x3F]) + steps(0, packets["dawn_mode_idle"])
    )
    sessions["early"] = steps(0, bytes.fromhex("05000005000001") + packets["dawn_mode_teleop"])
    for name, data in sessions.items():
        (directory / name).write_bytes(data)
    (directory / "made").touch()


main()
