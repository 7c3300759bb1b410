from tests.cli.conftest import Shell

KEPT = """
[remotes.family]
type = "cloudinary"
cloud_name = "demo"
api_key = "key"
api_secret = "a-very-secret-word"
"""


def test_a_mount_is_shown_as_a_unit_without_secrets(shell: Shell) -> None:
    (shell.folder / "config.toml").write_text(KEPT)
    (shell.folder / "config.toml").chmod(0o600)
    args = ("service", "install", "mount", "--print", "--allow-other", "family:x y", "My Drive")
    shown = shell.must(*args)
    lines = shown.splitlines()
    assert f"WorkingDirectory={shell.folder}" in lines
    assert '"mount" "--foreground" "--allow-other" "family:x y" "My Drive"' in shown
    assert f'"unmount" "{shell.folder}/My Drive"' in shown
    assert f'Environment="MIRRORFS_CONFIG={shell.folder}/config.toml"' in lines
    assert "secret" not in shown
    assert not (shell.folder / ".config").exists()


def test_what_a_service_would_not_find_is_said(shell: Shell) -> None:
    install = ("service", "install", "mount", "--print")
    shell.environment["CLOUDINARY_URL"] = "cloudinary://k:s@demo"
    said = shell.run(*install, "cloudinary:", "x")
    assert said.returncode == 2
    assert "variables of this shell" in said.stderr
    del shell.environment["CLOUDINARY_URL"]
    (shell.folder / ".env").write_text("CLOUDINARY_URL=cloudinary://k:s@demo\n")
    shell.must(*install, "cloudinary:", "x")
    assert shell.run(*install, "nobody:", "x").returncode == 2
    assert shell.run(*install, "--cache-size", "much", "cloudinary:", "x").returncode == 2


def test_other_units_are_not_ours_to_remove(shell: Shell) -> None:
    assert shell.run("service", "uninstall", "ssh").returncode == 2
    assert shell.run("service", "uninstall", "mirrorfs-none").returncode == 3
    assert shell.must("service", "status") == "No service is installed.\n"
