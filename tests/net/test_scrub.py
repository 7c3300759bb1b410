import pytest

from mirrorfs.net.scrub import scrub

SECRET = "hush-hush"


@pytest.mark.parametrize(
    "text",
    [
        f"Invalid api_secret {SECRET}",
        f"https://api.cloudinary.com/x?signature={SECRET}&api_key=1",
        f"cloudinary://key:{SECRET}@cloud",
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


def test_the_rest_is_kept() -> None:
    text = "Resource not found - a/b.jpg at https://res.cloudinary.com/demo/image/upload/v1/x.jpg"
    assert scrub(text, ["", "zzz"]) == text
