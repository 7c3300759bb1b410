import pytest

from mirrorfs.core.errors import (
    BadAnswer,
    Changed,
    Corrupt,
    Denied,
    MirrorError,
    NotFound,
    RateLimited,
    Unavailable,
)
from mirrorfs.net.patience import Patience
from mirrorfs.net.ranged import CHUNK, Span, fetch
from mirrorfs.net.session import Manners, Sessions
from tests.core.fakes import FakeClock
from tests.net.server import DATA, Asked, Reply, Script, serve, serve_file

SIZE = len(DATA)
PATIENCE = Patience(tries=3, pause=0.1)


def get(script: Script, start: int = 0, stop: int = SIZE, size: int = SIZE) -> bytes:
    with serve(script) as running:
        sessions = Sessions(FakeClock(), Manners("Service", "X-Why", connect=2, read=2))
        body = fetch(sessions, running.url, Span(start, stop, size), PATIENCE)
        pieces = list(body.pieces())
        sessions.close()
    return b"".join(pieces)


@pytest.mark.parametrize(("start", "stop"), [(0, SIZE), (0, 1), (5, 9), (SIZE - 1, SIZE)])
def test_parts(start: int, stop: int) -> None:
    assert get(serve_file(), start, stop) == DATA[start:stop]


def test_a_whole_file_is_asked_for_without_range() -> None:
    with serve(serve_file()) as running:
        body = fetch(Sessions(FakeClock()), running.url, Span(0, SIZE, SIZE), PATIENCE)
        assert body.etag == '"one"'
        pieces = list(body.pieces())
    assert [len(piece) for piece in pieces] == [CHUNK, SIZE - CHUNK]
    assert "Range" not in running.asked[0].headers
    assert running.asked[0].headers["Accept-Encoding"] == "identity"


def test_a_whole_answer_to_a_part_is_cut_to_it() -> None:
    assert get(lambda _: Reply(200, DATA), 1000, 2000) == DATA[1000:2000]


def test_skipping_has_a_limit() -> None:
    with pytest.raises(BadAnswer, match="beginning"):
        get(lambda _: Reply(200, bytes(9 << 20)), 9_000_000, 9_000_001, 9 << 20)


@pytest.mark.parametrize("drop", [0, 1, 100_000, SIZE - 1])
def test_a_broken_stream_goes_on_where_it_stopped(drop: int) -> None:
    whole = serve_file()

    def script(asked: Asked) -> Reply:
        reply = whole(asked)
        if asked.number == 0:
            reply.send = drop
        return reply

    assert get(script) == DATA
    assert get(script, 10, SIZE - 10) == DATA[10:-10]


def test_the_rest_is_asked_for_with_if_range() -> None:
    whole = serve_file()

    def script(asked: Asked) -> Reply:
        reply = whole(asked)
        reply.send = CHUNK + 5 if asked.number == 0 else None
        return reply

    with serve(script) as running:
        sessions = Sessions(FakeClock())
        body = fetch(sessions, running.url, Span(0, SIZE, SIZE), PATIENCE)
        assert b"".join(body.pieces()) == DATA
    assert running.asked[1].headers["Range"] == f"bytes={CHUNK + 5}-{SIZE - 1}"
    assert running.asked[1].headers["If-Range"] == '"one"'


def test_a_file_that_changed_between_the_tries_is_not_mixed() -> None:
    old, new = serve_file(DATA, '"one"'), serve_file(DATA[::-1], '"two"')

    def script(asked: Asked) -> Reply:
        if asked.number:
            return new(asked)
        reply = old(asked)
        reply.send = CHUNK
        return reply

    with pytest.raises(Changed):
        get(script)


def test_a_stream_that_never_gets_further_is_given_up() -> None:
    def script(asked: Asked) -> Reply:
        reply = serve_file()(asked)
        reply.send = 10
        return reply

    with pytest.raises(Unavailable):
        get(script)


@pytest.mark.parametrize(
    ("reply", "error"),
    [
        (Reply(401), Denied),
        (Reply(403), Denied),
        (Reply(404), NotFound),
        (Reply(410), NotFound),
        (Reply(416), Corrupt),
        (Reply(418), BadAnswer),
        (Reply(204), BadAnswer),
        (Reply(420), RateLimited),
        (Reply(429), RateLimited),
        (Reply(500), Unavailable),
        (Reply(503), Unavailable),
        (Reply(0), Unavailable),
        (Reply(200, b"<html>Log in</html>", {"Content-Type": "text/html"}), Corrupt),
        (Reply(200, b"<html>", {"Content-Type": "text/html"}, length=False), BadAnswer),
        (Reply(200, b"{}", {"Content-Type": "application/json"}, length=False), BadAnswer),
        (Reply(200, DATA, {"Content-Encoding": "gzip"}), BadAnswer),
        (Reply(200, DATA[:-1]), Corrupt),
        (Reply(200, DATA + b"x"), Corrupt),
        (Reply(206, DATA), BadAnswer),
        (Reply(206, DATA, {"Content-Range": f"bytes 1-{SIZE - 1}/{SIZE}"}), BadAnswer),
        (Reply(206, DATA, {"Content-Range": f"bytes 0-{SIZE - 1}/{SIZE + 5}"}), Corrupt),
        (Reply(206, DATA, {"Content-Range": f"bytes 0-{SIZE - 2}/{SIZE}"}), BadAnswer),
        (Reply(206, DATA, {"Content-Range": "nonsense"}), BadAnswer),
    ],
)
def test_what_is_no_file_is_an_error(reply: Reply, error: type[MirrorError]) -> None:
    with pytest.raises(error):
        get(lambda _: reply)


def test_a_short_body_of_unknown_length_is_an_error() -> None:
    with pytest.raises(Unavailable):
        get(lambda _: Reply(200, DATA[:-1], length=False))


def test_messages_name_the_cause_and_no_secret() -> None:
    with pytest.raises(Denied) as caught:
        get(lambda _: Reply(401, b"", {"X-Why": "deny or ACL failure"}))
    assert "deny or ACL failure" in caught.value.message
    assert "secret" not in caught.value.message


def test_no_connection() -> None:
    clock = FakeClock()
    said = r"^The service \(127\.0\.0\.1:1\) cannot be reached: connection refused\."
    with pytest.raises(Unavailable, match=said):
        fetch(Sessions(clock), "http://127.0.0.1:1/x", Span(0, 1, 1), PATIENCE)
    assert len(clock.slept) == PATIENCE.tries - 1


@pytest.mark.parametrize(
    ("headers", "expected"),
    [({"Retry-After": "7"}, 1_000_007.0), ({}, 1_000_060.0), ({"Retry-After": "x"}, 1_000_060.0)],
)
def test_retry_after(headers: dict[str, str], expected: float) -> None:
    with pytest.raises(RateLimited) as caught:
        get(lambda _: Reply(429, b"", headers))
    assert caught.value.retry_at == expected


def test_one_session_a_thread_and_kept_connections() -> None:
    with serve(serve_file()) as running:
        sessions = Sessions(FakeClock())

        def read(start: int) -> bytes:
            span = Span(start, start + 10, SIZE)
            return b"".join(fetch(sessions, running.url, span, PATIENCE).pieces())

        assert [read(at) for at in range(3)] == [DATA[at : at + 10] for at in range(3)]
        sessions.close()
