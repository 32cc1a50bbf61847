#!/usr/bin/env python3
"""Writes the seed corpora of the fuzz targets from the recorded conversations.

usage: make_corpus.py tests/fixtures/serial tests/fuzz/dev_handler/corpus

Small on purpose: of each device one frame of each kind and length, and the first frames as a conversation.
"""
import json
import pathlib
import sys


def decode(frame):
    """The message in a frame."""
    message, body = bytearray(), frame[2:]
    while body:
        code = body[0]
        message += body[1:code]
        body = body[code:]
        if body:
            message.append(0)
    return bytes(message)


def steps(events):
    """A conversation in the form that fuzz_device_connection reads."""
    result = bytearray([0x00])
    for event in events:
        frame = bytes.fromhex(event["hex"])
        if event["dir"] == "d2h":
            for begin in range(0, len(frame), 128):
                piece = frame[begin : begin + 128]
                result += bytes([0x7F + len(piece)]) + piece
        elif event["kind"] == "DEVICE_WRITE":
            result += bytes([0x60, 0x40, 0x47, 0x01, 0x61])
        else:
            result.append(0x01)
    return bytes(result)


def main():
    source, target = map(pathlib.Path, sys.argv[1:])
    names = ("fuzz_serial_frame", "fuzz_serial_message", "fuzz_device_connection")
    for name in names:
        (target / name).mkdir(parents=True, exist_ok=True)
    frames_dir, messages_dir, conversations_dir = (target / name for name in names)
    for path in sorted(source.glob("*.json")):
        events = json.loads(path.read_text())["events"]
        seen = set()
        stream = bytearray([0x20])
        for event in events:
            frame = bytes.fromhex(event["hex"])
            key = (event["kind"], len(frame))
            if key in seen:
                continue
            seen.add(key)
            stream += frame
            (messages_dir / f"{path.stem}_{event['kind']}_{len(frame)}").write_bytes(b"\0" + decode(frame))
        (frames_dir / path.stem).write_bytes(bytes(stream))
        last = next(i for i, event in enumerate(events) if event["kind"] == "DEVICE_WRITE" or i == 8) + 6
        ending = [event for event in events if event["kind"] == "RST"][:1]
        (conversations_dir / path.stem).write_bytes(steps(events[:last] + ending))


main()
