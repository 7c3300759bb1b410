import pytest

from mirrorfs.net.scrub import scrub

SECRET = "hush-hush"


@pytest.mark.parametrize(
    "text",
    [
        f"Invalid api_secret {SECRET}",
        f"https://api.cloudinary.com/x?signature={SECRET}&api_key=1",
        f"cloudinary://key:{SECRET}@cloud",
        f"cloudinary://key:{SECRET}",
        f"{{'Authorization': 'Basic {SECRET}'}}",
        f"Authorization: Bearer {SECRET}",
        f"signature: {SECRET}",
        f"'api_secret': '{SECRET}'",
        f"/image/upload/s--{SECRET}--/v1/x.jpg",
        f"HTTPConnectionPool(host='x', port=80): Max retries exceeded with url: /d?token={SECRET}",
    ],
)
def test_secrets_are_masked(text: str) -> None:
    assert SECRET not in scrub(text, [SECRET])
    assert SECRET not in scrub(text) or "Invalid" in text


@pytest.mark.parametrize("secret", ["pa/ss", "a,b&c", "x}y"])
def test_passwords_in_urls(secret: str) -> None:
    assert scrub(f"at https://me:{secret}@host:80/x.") == "at https://me:***@host:80/x."


def test_a_port_is_no_password() -> None:
    text = "http://127.0.0.1:8080/raw/upload/v1/x.txt answered 404, http://[::1]:80/x, http://h:1."
    assert scrub(text) == text
    assert scrub("http://h:80/a?b=c by me@there") == "http://h:80/a by me@there"


def test_the_rest_is_kept() -> None:
    text = "Resource not found - a/b.jpg at https://res.cloudinary.com/demo/image/upload/v1/x.jpg"
    assert scrub(text, ["", "zzz"]) == text


def test_what_opens_a_file_to_anybody_is_masked() -> None:
    url = "https://photos.smugmug.com/Trip/i-xmX6nxr/0/226f9a1b/D/a-D.jpg"
    assert scrub(f"{url} answered 404.") == f"{url} answered 404.".replace("226f9a1b", "***")
