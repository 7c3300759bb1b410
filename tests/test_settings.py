"""What the user set, from every place it may be set in."""

from pathlib import Path

import pytest

from mirrorfs import settings
from mirrorfs.core.errors import Misuse


@pytest.fixture(autouse=True)
def empty_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("CLOUDINARY_URL", "CLOUDINARY_CLOUD_NAME", "CLOUD_NAME", "API_KEY", "API_SECRET"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("MIRRORFS_CONFIG", str(tmp_path / "config.toml"))
    monkeypatch.chdir(tmp_path)


def write(tmp_path: Path, text: str, mode: int = 0o600) -> None:
    path = tmp_path / "config.toml"
    path.write_text(text)
    path.chmod(mode)


NAMED = (
    '[remotes.family]\ntype = "cloudinary"\ncloud_name = "c"\napi_key = "k"\napi_secret = "s3"\n'
)


def test_nothing_set_still_knows_the_services() -> None:
    loaded = settings.load()
    assert set(loaded.remotes) == {"cloudinary", "smugmug"}
    assert loaded.mount.cache_size == 10 * 1024**3


def test_named_remote(tmp_path: Path) -> None:
    write(tmp_path, NAMED + '[mount]\ncache_size = "2G"\nrefresh = "90s"\n')
    loaded = settings.load()
    assert loaded.remote("family").options["cloud_name"] == "c"
    assert loaded.mount.cache_size == 2 * 1024**3
    assert loaded.mount.refresh == 90
    assert loaded.warnings == ()


def test_secrets_are_not_in_the_repr(tmp_path: Path) -> None:
    write(tmp_path, NAMED)
    assert "s3" not in repr(settings.load())


def test_readable_by_others_is_a_warning(tmp_path: Path) -> None:
    write(tmp_path, NAMED, 0o644)
    assert "chmod 600" in settings.load().warnings[0]


def test_dotenv_counts_and_the_environment_wins(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / ".env").write_text("CLOUD_NAME=from-file\nAPI_KEY=k\n")
    monkeypatch.setenv("API_KEY", "from-shell")
    environment = settings.load().remote("cloudinary").environment
    assert environment["CLOUD_NAME"] == "from-file"
    assert environment["API_KEY"] == "from-shell"


def test_environment_wins_over_a_remote_named_after_the_service(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path, NAMED.replace("family", "cloudinary"))
    assert settings.load().remote("cloudinary").options["cloud_name"] == "c"
    monkeypatch.setenv("CLOUDINARY_URL", "cloudinary://a:b@c")
    assert settings.load().remote("cloudinary").options == {}


def test_a_key_in_the_environment_leaves_a_login_in_force(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path, '[remotes.smugmug]\napi_key = "k"\ntoken = "t"\ntoken_secret = "s"\n')
    monkeypatch.setenv("SMUGMUG_API_KEY", "k")
    assert settings.load().remote("smugmug").options["token"] == "t"
    monkeypatch.setenv("SMUGMUG_TOKEN", "another")
    assert settings.load().remote("smugmug").options == {}


@pytest.mark.parametrize(
    ("text", "cause"),
    [
        ("[remotes", "cannot be read"),
        ('[remotes.x]\ntype = "ftp"', "type 'ftp'"),
        ("[remotes.x]\ntype = 3", r"\[remotes.x\]: type must be text"),
        ('[remotes]\nx = "smugmug"', r"\[remotes.x\] must be a table"),
        (NAMED + 'upload-prefix = "u"', r"knows no 'upload-prefix'. Is 'upload_prefix' meant\?"),
        ('[remotes.smugmug]\ncloud_name = "c"', r"\[remotes.smugmug\] knows no 'cloud_name'"),
        ("[mount]\nspeed = 3", r"\[mount\] knows no 'speed'. Known are cache_dir, cache_size"),
        ('[mount]\ncache-size = "2G"', r"\[mount\] knows no 'cache-size'. Is 'cache_size' meant\?"),
        ('[mount]\ncache_size = "big"', r"\[mount\]: cache_size: 'big' is not a size"),
        ("[mount]\nmin_free = true", r"\[mount\]: min_free: 'True' is not a size"),
        ("[mount]\nrefresh = [5]", r"\[mount\]: refresh: '\[5\]' is not a length of time"),
        ("[mount]\ncache_dir = 5", r"\[mount\]: cache_dir: 5 is not a folder"),
        ('[mount]\ncache_dir = ""', r"\[mount\]: cache_dir: '' is not a folder"),
        ('[remote.x]\ntype = "smugmug"', r"knows no 'remote'\. Is 'remotes' meant\?"),
        ('cache_size = "2G"', r"knows no 'cache_size'\. Known are remotes, mount, watch\."),
        ('[watch.x]\nlokal = "/a"', r"\[watch.x\] knows no 'lokal'\. Is 'local' meant\?"),
        ("remotes = 3", r"\[remotes\] must be a table"),
    ],
)
def test_nonsense_is_named(tmp_path: Path, text: str, cause: str) -> None:
    write(tmp_path, text)
    with pytest.raises(Misuse, match=f"config.toml.*{cause}"):
        settings.load()


def test_numbers_are_sizes_and_times(tmp_path: Path) -> None:
    write(tmp_path, '[mount]\ncache_dir = "~/c"\ncache_size = 5\nmin_free = "1M"\nrefresh = 1.5\n')
    assert settings.load().mount == settings.MountDefaults(Path.home() / "c", 5, 1 << 20, 1.5)


def test_unknown_remote_names_the_known() -> None:
    with pytest.raises(Misuse, match="cloudinary:"):
        settings.load().remote("nope")


@pytest.mark.parametrize(
    ("text", "value"), [("0", 0), ("512M", 512 << 20), ("1.5 GiB", 3 << 29), ("2tb", 2 << 40)]
)
def test_sizes(text: str, value: int) -> None:
    assert settings.parse_size(text) == value


@pytest.mark.parametrize(
    ("text", "value"), [("90", 90), ("30s", 30), ("5m", 300), ("1.5h", 5400), ("1d", 86400)]
)
def test_spans(text: str, value: float) -> None:
    assert settings.parse_span(text) == value


@pytest.mark.parametrize("text", ["photos", ":x", "cloudinary:../x", "cloudinary:a//b"])
def test_locations_that_are_none(text: str) -> None:
    with pytest.raises(Misuse):
        settings.parse_location(text)


def test_location() -> None:
    location = settings.parse_location("cloudinary:/a/b/")
    assert (location.remote, location.folder) == ("cloudinary", "a/b")
