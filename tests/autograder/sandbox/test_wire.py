"""Frames: what is sent arrives, and nothing that a hostile process sends raises anything else."""

import json
import socket
import struct
import threading
import time
from contextlib import suppress

import numpy as np
import pytest

from autograder import drives
from autograder.sandbox import wire
from autograder.sandbox.wire import BadFrame, pack, receive, send, unpack


@pytest.fixture
def pair():
    ours, theirs = socket.socketpair()
    with ours, theirs:
        yield ours, theirs


def framed(data):
    return struct.pack(">I", len(data)) + data


def there_and_back(value):
    return unpack(json.loads(json.dumps(pack(value))))


@pytest.mark.parametrize("code", [*"?bhilqBHILQefdFD", ">f8", ">i4", ">c16"])
def test_every_array_that_a_probe_lets_through_arrives(code):
    value = drives.plain(np.array([[0, 1, 2]]).astype(code))
    got = there_and_back(value)
    assert np.array_equal(got, value)
    assert (got.dtype, got.shape) == (value.dtype.newbyteorder("="), value.shape)


@pytest.mark.parametrize("code", ["g", "G"])
def test_extended_precision_is_refused_by_the_probe_or_arrives(code):
    """A frame that the other side refuses would end the notebook, and cost every later exercise."""
    with suppress(TypeError):
        value = drives.plain(np.array([0, 1, 2]).astype(code))
        assert np.array_equal(there_and_back(value), value)


@pytest.mark.parametrize("shape", [(), (0,), (1,), (0, 3), (2, 0, 4), (4, 1), (1, 1, 1, 1, 1, 1, 1, 1)])
def test_every_shape_arrives(shape):
    assert there_and_back(np.ones(shape)).shape == shape


def test_special_numbers_and_a_strided_array_arrive_to_the_bit():
    value = np.array([np.nan, np.inf, -np.inf, -0.0, 5e-324, 1.7e308])[::-2]
    assert there_and_back(value).tobytes() == value.tobytes()


@pytest.mark.parametrize(
    "value",
    [None, True, 3, -(10**30), 0.1, "é\n\ud800\x00", 1 - 2j, (), (1, (2.0, [None])), {"a": [1, (2,)]}, []],
)
def test_plain_values_arrive_as_they_were(value):
    got = there_and_back(value)
    assert got == value
    assert type(got) is type(value)


def test_an_arrived_array_can_be_written_to():
    assert there_and_back(np.ones(2)).flags.writeable


@pytest.mark.parametrize("value", [object(), {1, 2}, b"bytes", np.float32(1)], ids=lambda v: type(v).__name__)
def test_what_is_not_plain_is_not_sent(value):
    with pytest.raises(TypeError, match="cannot send"):
        pack(value)


def test_messages_arrive_one_by_one_with_their_sizes(pair):
    ours, theirs = pair
    for message in ({"a": np.ones(3)}, {}):
        send(theirs, message)
    message, size = receive(ours)
    assert np.array_equal(message["a"], np.ones(3))
    assert size > 10
    assert receive(ours) == ({}, 2)


def test_a_message_that_is_too_large_is_not_sent(pair, monkeypatch):
    monkeypatch.setattr(wire, "MAX_FRAME", 100)
    with pytest.raises(ValueError, match="larger than 100"):
        send(pair[1], {"a": "x" * 100})


@pytest.mark.parametrize("sent", [b"", b"\x00", framed(b'{"a": 1}')[:-1], struct.pack(">I", 5)])
def test_the_end_of_the_other_side_is_none(pair, sent):
    ours, theirs = pair
    theirs.sendall(sent)
    theirs.close()
    assert receive(ours) == (None, 0)


def array(**changed):
    fields = {"$": "array", "dtype": "float64", "shape": [1], "data": "AAAAAAAAAAA="}
    return json.dumps({"x": {**fields, **changed}}).encode()


HOSTILE = {
    "no JSON": b"{",
    "no UTF-8": b'"\xff"',
    "nothing": b"",
    "a list": b"[]",
    "a number": b"1",
    "null": b"null",
    "a tuple for the message": b'{"$": "tuple", "items": []}',
    "an array for the message": json.dumps(json.loads(array())["x"]).encode(),
    "deep lists": b'{"x": ' + b"[" * 100 + b"]" * 100 + b"}",
    "very deep lists": b"[" * 100_000,
    "deep objects": b'{"x":' * 100 + b"1" + b"}" * 100,
    "a long integer": b'{"x": ' + b"9" * 5000 + b"}",
    "objects": array(dtype="object"),
    "records": array(dtype="f8,f8"),
    "text": array(dtype="<U2"),
    "dates": array(dtype="datetime64[s]"),
    "the other byte order": array(dtype=">f8"),
    "a list for a dtype": array(dtype=["float64"]),
    "an object for a dtype": array(dtype={}),
    "no dtype": array(dtype=None),
    "a negative length": array(shape=[-1]),
    "a huge length": array(shape=[2**40]),
    "huge lengths": array(shape=[2**24] * 8),
    "huge lengths and none": array(shape=[0, *[2**24] * 7], data=""),
    "nine axes": array(shape=[1] * 9),
    "a bool for a length": array(shape=[True]),
    "a float for a length": array(shape=[1.0]),
    "NaN for a length": array(shape=[float("nan")]),
    "a number for a shape": array(shape=1),
    "too few bytes": array(shape=[2]),
    "too many bytes": array(data="AAAAAAAAAAAAAAAAAAAAAAA="),
    "half a number": array(data="AAAA"),
    "no base64": array(data="!!!!"),
    "letters beyond ASCII": array(data="éééé"),
    "a number for data": array(data=7),
    "no data at all": b'{"x": {"$": "array"}}',
    "a number of items": b'{"x": {"$": "tuple", "items": 5}}',
    "a complex number of one part": b'{"x": {"$": "complex", "parts": [1]}}',
    "a complex number of text": b'{"x": {"$": "complex", "parts": ["a", {}]}}',
    "a complex number beyond floats": b'{"x": {"$": "complex", "parts": [1' + b"0" * 400 + b", 0]}}",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_frame_is_a_bad_frame_and_nothing_else(pair, name):
    ours, theirs = pair
    writer = threading.Thread(target=theirs.sendall, args=(framed(HOSTILE[name]),))
    writer.start()
    with pytest.raises(BadFrame):
        receive(ours, time.monotonic() + 5)
    writer.join()


def test_a_frame_that_announces_too_much_is_refused_before_it_is_read(pair):
    ours, theirs = pair
    theirs.sendall(struct.pack(">I", wire.MAX_FRAME + 1))
    with pytest.raises(BadFrame, match="a frame of"):
        receive(ours, time.monotonic() + 5)


@pytest.mark.parametrize("tag", ["pickle", "object", 5, None, [], {}])
def test_an_unknown_tag_is_only_a_key(tag):
    assert unpack({"$": tag, "x": 1}) == {"$": tag, "x": 1}


@pytest.mark.parametrize("sent", [b"", b"\x00\x00", framed(b'{"a": 1}')[:-1]])
def test_silence_ends_at_the_deadline(pair, sent):
    ours, theirs = pair
    theirs.sendall(sent)
    started = time.monotonic()
    with pytest.raises(TimeoutError):
        receive(ours, started + 0.1)
    assert time.monotonic() - started < 2


def test_a_deadline_that_has_passed_is_an_error_even_where_a_message_waits(pair):
    ours, theirs = pair
    send(theirs, {})
    with pytest.raises(TimeoutError):
        receive(ours, time.monotonic() - 1)


class Dribble:
    """A channel that always has one more byte, each a tenth of a second after the last."""

    def __init__(self):
        self.now, self.rest = 0.0, struct.pack(">I", wire.MAX_FRAME)

    def monotonic(self):
        return self.now

    def settimeout(self, seconds):
        assert seconds > 0

    def recv(self, count):
        self.now += 0.1
        assert self.now < 100, "still listening long after the deadline"
        byte, self.rest = self.rest[:1] or b" ", self.rest[1:]
        return byte


def test_dribbling_does_not_outlast_the_deadline(monkeypatch):
    channel = Dribble()
    monkeypatch.setattr(wire, "time", channel)
    with pytest.raises(TimeoutError):
        receive(channel, 2.0)
    assert channel.now < 3
