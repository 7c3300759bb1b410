"""Signing in and out at a terminal, against the emulator's OAuth."""

import re
import tomllib
import urllib.parse
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from mirrorfs.emulators.smugmug import Server, Settings
from tests.cli.conftest import Shell
from tests.cli.terminal import Terminal

SECRET = "app-secret-zq81"


@pytest.fixture
def smugmug() -> Iterator[Server]:
    with Server(Settings(nick="cmac", key="app-key", secret=SECRET, token="")) as server:
        yield server


@pytest.fixture
def ready(shell: Shell, smugmug: Server) -> Shell:
    """A shell in which the application is known, and nobody is signed in."""
    shell.environment |= {
        "SMUGMUG_API_KEY": "app-key",
        "SMUGMUG_API_SECRET": SECRET,
        "SMUGMUG_URL": smugmug.url,
    }
    return shell


def allow(url: str) -> str:
    """Say yes on the page at ``url`` as its form does; return the code that it shows then."""
    with urllib.request.urlopen(url) as page:
        form = page.read().decode()
    fields = dict(re.findall(r'name="(\w+)" value="([^"]*)"', form))
    for name in ("Access", "Permissions"):
        chosen = re.search(rf'name="{name}">.*?<option selected>(\w+)', form)
        assert chosen
        fields[name] = chosen[1]
    body = urllib.parse.urlencode({**fields, "consent": "yes"}).encode()
    with urllib.request.urlopen(url, body) as page:
        found = re.search(r'id="verifier">(\d{6})<', page.read().decode())
    assert found
    return found[1]


def login(shell: Shell, *args: str) -> Terminal:
    return Terminal(shell.folder, shell.environment, "login", *args)


def sign_in(shell: Shell, *args: str) -> str:
    """Sign in as one who makes no mistake; return what was on the screen."""
    with login(shell, *args) as terminal:
        code = allow(terminal.expect(r"https?://\S+oauth_token=\S+").group())
        terminal.expect("six-digit code")
        terminal.type(code)
        terminal.expect("signed in")
        assert terminal.ends() == 0
        return terminal.shown


def kept(shell: Shell) -> dict[str, Any]:
    remotes: dict[str, Any] = tomllib.loads((shell.folder / "config.toml").read_text())["remotes"]
    return remotes


def test_what_the_walk_brought_is_kept_though_nobody_says_whose_it_is(
    ready: Shell, smugmug: Server
) -> None:
    page = {"status": 200, "html": "<html>Back soon</html>"}
    smugmug.service.faults.add({"match": {"path_regex": "^/api/"}, "action": page, "times": None})
    sign_in(ready, "smugmug")
    assert kept(ready)["smugmug"]["token"]


def test_the_whole_walk(ready: Shell, smugmug: Server) -> None:
    shown = sign_in(ready, "smugmug")
    assert "signed in as cmac" in shown
    assert "access Full, permissions Modify" in shown
    assert "Access=Full&Permissions=Modify" in shown
    file = ready.folder / "config.toml"
    assert str(file) in shown
    assert file.stat().st_mode & 0o777 == 0o600
    granted = kept(ready)["smugmug"]
    token = smugmug.access.token(granted["token"])
    assert (token.nick, token.access, token.permissions) == ("cmac", "Full", "Modify")
    for secret in (SECRET, granted["token"], granted["token_secret"]):
        assert secret not in shown
    assert "cmac" in ready.must("about", "smugmug:")
    config = ready.must("config")
    assert granted["token"] not in config
    assert granted["token_secret"] not in config


def test_it_is_never_asked_again(ready: Shell) -> None:
    sign_in(ready, "smugmug")
    before = kept(ready)
    again = ready.must("login", "smugmug")
    assert "signed in as cmac" in again
    assert "--force" in again
    assert kept(ready) == before
    sign_in(ready, "smugmug", "--force")
    assert kept(ready)["smugmug"]["token"] != before["smugmug"]["token"]


def test_key_and_secret_are_asked_for_and_the_secret_is_not_shown(
    shell: Shell, smugmug: Server
) -> None:
    with login(shell, "smugmug:mine", "--url", smugmug.url, "--permissions", "read") as terminal:
        terminal.expect("API key: ")
        terminal.type("app-key")
        terminal.expect("API secret: ")
        terminal.type(SECRET)
        code = allow(terminal.expect(r"https?://\S+").group())
        terminal.expect("six-digit code")
        terminal.type(code)
        assert terminal.ends() == 0
        assert SECRET not in terminal.shown
    assert smugmug.access.token(kept(shell)["mine"]["token"]).permissions == "Read"
    assert "cmac" in shell.must("about", "mine:")


def test_what_is_no_code_costs_nothing(ready: Shell) -> None:
    with login(ready, "smugmug") as terminal:
        code = allow(terminal.expect(r"https?://\S+").group())
        for typed in ("12345", "my code"):
            terminal.expect("six-digit code that it shows")
            terminal.type(typed)
            terminal.expect("That is no six-digit code")
        terminal.expect("six-digit code that it shows")
        terminal.type(code)
        terminal.expect("signed in")
        assert terminal.ends() == 0


def test_a_wrong_code_is_said_and_used_up_ones_begin_anew(ready: Shell) -> None:
    with login(ready, "smugmug") as terminal:
        first = terminal.expect(r"https?://\S+").group()
        right = allow(first)
        terminal.expect("that it shows")
        terminal.type(f"{(int(right) + 1) % 1_000_000:06}")
        terminal.expect("does not take that code")
        terminal.expect("that it shows")
        terminal.type(right)
        terminal.expect("begins anew")
        second = terminal.expect(r"https?://\S+").group()
        assert second != first
        terminal.expect("that it shows")
        terminal.type(allow(second))
        terminal.expect("signed in")
        assert terminal.ends() == 0


def test_three_wrong_codes_are_the_end(ready: Shell) -> None:
    with login(ready, "smugmug") as terminal:
        for _ in range(3):
            terminal.expect("that it shows")
            terminal.type("nonsense")
        assert terminal.ends() == 7
    assert not (ready.folder / "config.toml").exists()


def test_a_wrong_secret_is_named_and_not_shown(ready: Shell) -> None:
    ready.environment["SMUGMUG_API_SECRET"] = "wrong-secret-77"
    run = ready.run("login", "smugmug")
    assert run.returncode == 7
    assert "API key and its secret" in run.stderr
    assert "wrong-secret-77" not in run.stdout + run.stderr
    assert "Traceback" not in run.stderr


def test_a_service_that_is_down(ready: Shell, smugmug: Server) -> None:
    smugmug.stop()
    run = ready.run("login", "smugmug")
    assert run.returncode == 5
    assert "cannot be reached" in run.stderr
    assert SECRET not in run.stderr


def test_signing_out_keeps_the_key_only(ready: Shell) -> None:
    sign_in(ready, "smugmug")
    assert "Authorized Services" in ready.must("logout", "smugmug")
    left = kept(ready)["smugmug"]
    assert left["api_key"] == "app-key"
    assert not {"token", "token_secret", "account"} & left.keys()
    run = ready.run("about", "smugmug:")
    assert run.returncode == 2
    assert "mirrorfs login smugmug" in run.stderr
    assert ready.run("logout", "smugmug").returncode == 2


def test_what_the_environment_signs_in_wins_and_that_is_said(ready: Shell) -> None:
    ready.environment["SMUGMUG_TOKEN"] = "from-elsewhere"
    run = ready.run("login", "smugmug", "--force")
    assert run.returncode == 2
    assert "SMUGMUG_TOKEN in the environment" in run.stderr
    assert "from-elsewhere" not in run.stderr
    assert "signed in as cmac" in sign_in(ready, "smugmug:mine")


def test_doctor_names_who_signed_in(ready: Shell) -> None:
    sign_in(ready, "smugmug")
    assert "cmac answers, 0 folders and 0 files at its top" in ready.must("doctor", "smugmug:")


def test_only_services_that_one_can_sign_in_to(shell: Shell) -> None:
    run = shell.run("login", "cloudinary")
    assert run.returncode == 2
    assert "smugmug" in run.stderr


class TestKeyring:
    @pytest.fixture
    def desktop(self, ready: Shell) -> Path:
        """The file that stands for the desktop's keyring."""
        ready.environment |= {
            "PYTHONPATH": str(Path(__file__).parent / "keyrings"),
            "PYTHON_KEYRING_BACKEND": "family_keyring.Desktop",
        }
        return ready.folder / "desktop.keyring"

    def test_secrets_are_in_it_and_not_in_the_file(self, ready: Shell, desktop: Path) -> None:
        assert "the keyring (desktop)" in sign_in(ready, "smugmug")
        assert {"api_secret", "token", "token_secret"}.isdisjoint(kept(ready)["smugmug"])
        assert SECRET in desktop.read_text()
        assert "cmac" in ready.must("about", "smugmug:")

    def test_without_it_the_error_says_what_to_do(self, ready: Shell, desktop: Path) -> None:
        sign_in(ready, "smugmug")
        desktop.unlink()
        run = ready.run("about", "smugmug:")
        assert run.returncode == 2
        assert "keyring" in run.stderr

    def test_signing_out_and_removing_empty_it(self, ready: Shell, desktop: Path) -> None:
        sign_in(ready, "smugmug")
        token = re.search(r'"token\\": \\"([^\\]+)', desktop.read_text())
        assert token
        ready.must("logout", "smugmug")
        assert token[1] not in desktop.read_text()
        assert SECRET in desktop.read_text()
        ready.must("config", "remove", "smugmug")
        assert desktop.read_text() == "{}"

    @pytest.mark.parametrize("weak", ["keyring.backends.null.Keyring", "fail"])
    def test_one_that_keeps_nothing_is_not_used(self, ready: Shell, weak: str) -> None:
        backend = "keyring.backends.fail.Keyring" if weak == "fail" else weak
        ready.environment["PYTHON_KEYRING_BACKEND"] = backend
        assert "config.toml" in sign_in(ready, "smugmug")
        assert "token" in kept(ready)["smugmug"]
