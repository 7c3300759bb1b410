"""Named remotes, added and removed by command."""

from pathlib import Path

from tests.cli.conftest import Shell


def add(shell: Shell, name: str) -> str:
    return shell.must(
        "config", "set", name, "--cloud-name=c1", "--api-key=k1", "--api-secret=hush-hush"
    )


def test_set_show_remove(shell: Shell, tmp_path: Path) -> None:
    add(shell, "family")
    add(shell, "work")
    shown = shell.must("config")
    assert "family: (cloudinary)" in shown
    assert "c1" in shown
    assert "hush-hush" not in shown
    shell.must("config", "remove", "family")
    assert "family" not in shell.must("config", "show")
    assert "work" in (tmp_path / "config.toml").read_text()


def test_only_the_owner_can_read_it(shell: Shell, tmp_path: Path) -> None:
    add(shell, "family")
    assert (tmp_path / "config.toml").stat().st_mode & 0o777 == 0o600


def test_what_the_user_wrote_stays(shell: Shell, tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text('# mine\n[mount]\nrefresh = "1h"  # slow\n')
    add(shell, "family")
    assert '# mine\n[mount]\nrefresh = "1h"  # slow\n' in (tmp_path / "config.toml").read_text()


def test_secret_is_asked_for_and_not_shown(shell: Shell, tmp_path: Path) -> None:
    run = shell.run("config", "set", "x", "--cloud-name=c", "--api-key=k", text="hidden-word\n")
    assert run.returncode == 0, run.stderr
    assert "hidden-word" not in run.stdout + run.stderr
    assert "hidden-word" in (tmp_path / "config.toml").read_text()


def test_a_smugmug_remote_asks_for_its_key_and_says_how_to_sign_in(
    shell: Shell, tmp_path: Path
) -> None:
    run = shell.run("config", "set", "mine", "--type=smugmug", text="key-1\nhush-hush\n")
    assert run.returncode == 0, run.stderr
    assert "hush-hush" not in run.stdout + run.stderr
    assert "mirrorfs login smugmug:mine" in run.stdout
    assert 'api_key = "key-1"' in (tmp_path / "config.toml").read_text()
    assert "mine: (smugmug)" in shell.must("config")


def test_somebodys_public_account_needs_a_key_alone(shell: Shell) -> None:
    shell.must("config", "set", "friend", "--type=smugmug", "--api-key=k", "--nickname=cmac")
    assert "cmac" in shell.must("config")


def test_path(shell: Shell, tmp_path: Path) -> None:
    assert shell.must("config", "path").strip() == str(tmp_path / "config.toml")
