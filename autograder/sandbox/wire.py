"""Frames between the trusted side and a sandbox: JSON with plain arrays, bounded, never pickled.

A frame is a length (4 bytes, big-endian) and that many bytes of UTF-8 JSON, one object. This module
stands on both sides.
"""

import base64
import json
import socket
import struct
import time

import numpy as np

from ..drives import DTYPES

MAX_FRAME = 12 * 2**20
MAX_DEPTH = 16
_HEADER = struct.Struct(">I")


class BadFrame(Exception):
    """The other side sent something that is no frame."""


def send(channel: socket.socket, message: dict) -> None:
    channel.sendall(frame(message))


def frame(message: dict) -> bytes:
    """A message as it goes over the wire.

    Raises:
        ValueError: it is too long.
    """
    # A lone surrogate has no UTF-8; a question mark stands for it.
    data = json.dumps(pack(message), allow_nan=True, ensure_ascii=False).encode(errors="replace")
    if len(data) > MAX_FRAME:
        raise ValueError(f"a message of {len(data)} bytes is larger than {MAX_FRAME}")
    return _HEADER.pack(len(data)) + data


def receive(channel: socket.socket, deadline: float | None = None) -> tuple[dict | None, int]:
    """The next message and its size in bytes; the message is None where the other side has closed.

    Args:
        deadline: on `time.monotonic`'s clock, for the whole message; None waits for ever.
    Raises:
        BadFrame: too long, no JSON, no object, or an array that does not fit its own description.
        TimeoutError: the deadline passed.
    """
    header = _exactly(channel, _HEADER.size, deadline)
    if header is None:
        return None, 0
    (length,) = _HEADER.unpack(header)
    if length > MAX_FRAME:
        raise BadFrame(f"a frame of {length} bytes")
    data = _exactly(channel, length, deadline)
    if data is None:
        return None, 0
    try:
        message = unpack(json.loads(data))
    except (ArithmeticError, ValueError, TypeError, KeyError, RecursionError, MemoryError) as error:
        raise BadFrame(f"not a message: {type(error).__name__}") from error
    if not isinstance(message, dict):
        raise BadFrame("not a message: no object")
    return message, length


def pack(value: object) -> object:
    """`value` as JSON: arrays and tuples become tagged objects."""
    if isinstance(value, np.ndarray):
        data = base64.b64encode(np.ascontiguousarray(value).tobytes()).decode()
        return {"$": "array", "dtype": value.dtype.name, "shape": list(value.shape), "data": data}
    if isinstance(value, tuple):
        return {"$": "tuple", "items": [pack(item) for item in value]}
    if isinstance(value, list):
        return [pack(item) for item in value]
    if isinstance(value, complex):
        return {"$": "complex", "parts": [value.real, value.imag]}
    if isinstance(value, dict):
        return {str(key): pack(item) for key, item in value.items()}
    if value is None or isinstance(value, bool | int | float | str):
        return value
    raise TypeError(f"cannot send a {type(value).__name__}")


def unpack(value: object, depth: int = 0) -> object:
    """The inverse of `pack`; checks everything, since the other side may be hostile."""
    if depth > MAX_DEPTH:
        raise ValueError("nested too deep")
    if isinstance(value, list):
        return [unpack(item, depth + 1) for item in value]
    if not isinstance(value, dict):
        return value
    tag = value.get("$")
    if tag == "array":
        return _array(value["dtype"], value["shape"], value["data"])
    if tag == "tuple":
        return tuple(unpack(item, depth + 1) for item in value["items"])
    if tag == "complex":
        real, imaginary = value["parts"]
        return complex(float(real), float(imaginary))
    return {key: unpack(item, depth + 1) for key, item in value.items()}


def _array(dtype, shape, data):
    if dtype not in DTYPES:
        raise ValueError(f"dtype {dtype!r}")
    if not (
        isinstance(shape, list)
        and len(shape) <= 8
        and all(type(n) is int and 0 <= n <= MAX_FRAME for n in shape)
    ):
        raise ValueError("shape")
    return np.frombuffer(base64.b64decode(data, validate=True), dtype).reshape(shape).copy()


def _exactly(channel, count, deadline):
    parts = []
    while count:
        if deadline is not None:
            left = deadline - time.monotonic()
            if left <= 0:  # a byte now and then must not put the end off
                raise TimeoutError("the deadline passed")
            channel.settimeout(left)
        part = channel.recv(min(count, 1 << 20))
        if not part:
            return None
        parts.append(part)
        count -= len(part)
    return b"".join(parts)
