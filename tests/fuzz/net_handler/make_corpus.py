"""Makes the corpora of net_handler's fuzz targets: of fuzz_conversation from the recorded packets of the clients, of
fuzz_robot_client from what a robot answers, of fuzz_tls_channel from what a client begins with.

    make_corpus.py CLIENTS_JSON DIRECTORY
"""
import json
import pathlib
import ssl
import struct
import sys

PIECE = 0x80  # a step that sends: the bit, the connection in bit 6, the length in bits 0-5


def steps(connection: int, data: bytes) -> bytes:
    result = b""
    for begin in range(0, len(data), 63):
        piece = data[begin : begin + 63]
        result += bytes([PIECE | connection << 6 | len(piece)]) + piece
    return result


def sessions_of_clients(packets: dict[str, bytes]) -> dict[str, bytes]:
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
    return sessions


def varint(value: int) -> bytes:
    result = b""
    while value > 127:
        result += bytes([value & 127 | 128])
        value >>= 7
    return result + bytes([value])


def field(number: int, data: bytes) -> bytes:
    return varint(number << 3 | 2) + varint(len(data)) + data


def packet(kind: int, payload: bytes) -> bytes:
    return struct.pack("<BH", kind, len(payload)) + payload


def received(data: bytes) -> bytes:
    """Steps of fuzz_robot_client: the robot says this."""
    return b"".join(
        bytes([0x80 | len(data[at : at + 127])]) + data[at : at + 127] for at in range(0, len(data), 127)
    )


def answers_of_robots() -> dict[str, bytes]:
    values = (
        field(1, b"velocity_a") + b"\x15" + struct.pack("<f", 0.5),
        field(1, b"enc_a") + b"\x18" + varint(0xFFFFFFFF) + b"\x28\x01",
        field(1, b"invert_a") + b"\x20\x01",
    )
    koala_bear = field(1, b"KoalaBear") + b"\x10\x4d\x18\x06" + b"".join(field(4, value) for value in values)
    custom = field(1, b"CustomData") + b"\x10" + varint(2020) + b"\x18\x20" + field(4, values[0])
    device_data = packet(3, field(1, koala_bear) + field(1, custom))
    lines = (
        b"[net_handler] TELEOP, set by the driver station (run 7)", b"[net_handler] IDLE (run 7)",
        b"[net_handler] WARNING: the driver station cannot start AUTO while field control is connected",
        b"\x1b[2J hello \xe2\x80\xa6", b"Traceback (most recent call last):",
    )
    log = packet(2, b"".join(field(1, line) for line in lines))
    time = packet(6, b"\x09" + struct.pack("<Q", 1000020) + b"\x11" + struct.pack("<Q", 1))
    return {
        "devices": received(device_data) + b"\x05" + received(device_data),
        "log": received(log) + b"\x41" + received(log),
        "time": b"\x02" + received(time) + b"\x3f\x3f" + received(time),
        "session": b"\x02" + received(device_data + log + time) + b"\x41\x05\x42\x05\x7f\x05\x7e\x05",
        "no_robot": received(b"HTTP/1.1 400 Bad Request\r\n"),
    }


def beginnings_of_tls() -> dict[str, bytes]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    outgoing = ssl.MemoryBIO()
    client = context.wrap_bio(ssl.MemoryBIO(), outgoing)
    try:
        client.do_handshake()
    except ssl.SSLWantReadError:
        pass
    hello = outgoing.read()
    pieces = b"".join(bytes([len(hello[at : at + 100])]) + hello[at : at + 100] for at in range(0, len(hello), 100))
    return {
        "hello": b"\0" + pieces,
        "plain": b"\0\x12" + b"GET / HTTP/1.1\r\n\r\n",
        "words": b"\1\xc5\xff\xc1",
        "nonsense": b"\1\xc5\x05" + b"\x17\x03\x03\x00\x20" + b"\xc5",
        "half": b"\1\xc5\x03\x17\x03\x03",
    }


def main() -> None:
    packets = {p["name"]: bytes.fromhex(p["hex"]) for p in json.load(open(sys.argv[1]))["packets"]}
    for target, inputs in (
        ("conversation", sessions_of_clients(packets)),
        ("robot_client", answers_of_robots()),
        ("tls_channel", beginnings_of_tls()),
    ):
        directory = pathlib.Path(sys.argv[2]) / f"fuzz_{target}"
        directory.mkdir(parents=True, exist_ok=True)
        for name, data in inputs.items():
            (directory / name).write_bytes(data)


main()
