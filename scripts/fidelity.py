"""Run the official Cloudinary SDK's own tests against the emulator.

``python -m scripts.fidelity`` takes the tests from the SDK's source distribution on PyPI (and the
few support files it lacks from ``tests/fidelity/stand_in``); ``--suite DIR`` takes a checkout of
https://github.com/cloudinary/pycloudinary instead. Third-party code stays in a temporary folder.

Every test is expected to pass, except those in ``EXCLUDED``, which are expected to fail, and those
in ``SKIPPED``. The run ends with 0 only if each test did as expected and at least 460 passed.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from xml.etree import ElementTree

import requests
from PIL import Image

from mirrorfs.emulators.cloudinary import Server, Settings
from mirrorfs.emulators.cloudinary.picture import sample_picture

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

SDK = "cloudinary==1.46.3"
LEAST = 460
UNAVAILABLE = 75
"""Exit status when the distribution could not be fetched (EX_TEMPFAIL)."""

STAND_IN = Path(__file__).parent.parent / "tests" / "fidelity" / "stand_in"

_NO_STREAMING = "adaptive streaming profiles are no part of what is emulated"
_NO_NOTIFICATIONS = "notifications and their triggers are no part of what is emulated"
_FIXED_HOST = "asserts the host api.cloudinary.com, which no upload_prefix can satisfy"
EXCLUDED: Mapping[str, str] = {
    "test_notifications::test21_poll_notification_end_to_end": _NO_NOTIFICATIONS,
    "test_streaming_profiles::test_create_streaming_profile": _NO_STREAMING,
    "test_streaming_profiles::test_get_streaming_profile": _NO_STREAMING,
    "test_streaming_profiles::test_list_streaming_profiles": _NO_STREAMING,
    "test_streaming_profiles::test_update_delete_streaming_profile": _NO_STREAMING,
    "test_triggers::test10_trigger_lifecycle": _NO_NOTIFICATIONS,
    "test_uploader::test_download_multi": _FIXED_HOST,
    "test_uploader::test_download_sprite": _FIXED_HOST,
    "test_uploader::test_eval_upload_parameter": "the emulator runs no JavaScript",
}
SKIPPED: Mapping[str, str] = {
    "test_api::test19_delete_derived": "always skipped by the suite",
    "test_api::test_folder_listing": "always skipped by the suite",
    "test_provisioning_api": "the suite needs an account URL for the Provisioning API",
}
_LATENCY = 0.005
"""Seconds an answer takes: one test expects a request to time out after a millisecond."""

_BY_CNAME = ("test/test_http_client.py", "test/test_cloudinary_resource.py")


class UnavailableError(Exception):
    """The source distribution could not be fetched."""


@dataclass(frozen=True)
class Outcome:
    """How one test ended: ``passed``, ``failed`` or ``skipped``."""

    test: str
    result: str


def main() -> int:
    """Run the suite and print what differs from what is expected."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--suite", type=Path, help="a checkout of pycloudinary")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="fidelity-") as folder:
        try:
            suite = options.suite or assemble(Path(folder))
        except UnavailableError as error:
            print(f"{SDK} could not be fetched: {error}")
            return UNAVAILABLE
        outcomes = list(run(suite, Path(folder)))
    surprises = compare(outcomes)
    for line in surprises:
        print(line)
    counts = {
        result: sum(one.result == result for one in outcomes)
        for result in ("passed", "failed", "skipped")
    }
    print(", ".join(f"{count} {result}" for result, count in counts.items()), "of", len(outcomes))
    return 1 if surprises or counts["passed"] < LEAST else 0


def assemble(folder: Path) -> Path:
    """Fetch the source distribution and complete it; give the folder to run in."""
    pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--no-binary", ":all:"]
    done = subprocess.run(
        [*pip, "--dest", str(folder), SDK], check=False, capture_output=True, text=True
    )
    archive = next(folder.glob("cloudinary-*.tar.gz"), None)
    if done.returncode or archive is None:
        raise UnavailableError(done.stderr[-500:])
    shutil.unpack_archive(archive, folder)
    suite = next(path for path in folder.glob("cloudinary-*") if path.is_dir())
    _complete(suite / "test")
    return suite


def run(suite: Path, scratch: Path) -> Iterator[Outcome]:
    """Run the suite in two parts: two of its files address delivery through a CNAME."""
    settings = Settings(cloud_name="test123", hourly_limit=2000, delay=_LATENCY)
    with Server(settings) as server:
        _prepare(server)
        ignored = [f"--ignore={path}" for path in _BY_CNAME]
        yield from _pytest(suite, server.cloudinary_url, [*ignored, "test"], scratch / "a.xml")
        host = server.url.removeprefix("http://")
        url = f"{server.cloudinary_url}&cname={host}"
        yield from _pytest(suite, url, list(_BY_CNAME), scratch / "b.xml")


def compare(outcomes: list[Outcome]) -> list[str]:
    """Describe each test that did not do what is expected of it."""
    surprises = []
    for one in outcomes:
        expected = "passed"
        if one.test in EXCLUDED:
            expected = "failed"
        elif one.test in SKIPPED or one.test.partition("::")[0] in SKIPPED:
            expected = "skipped"
        if one.result != expected and (expected, one.result) != ("skipped", "passed"):
            surprises.append(f"{one.test}: {one.result}, expected {expected}")
    missing = EXCLUDED.keys() - {one.test for one in outcomes}
    return [*surprises, *(f"{test}: not in the suite" for test in sorted(missing))]


def _prepare(server: Server) -> None:
    """Make one folder: the folder search test expects an account that has some."""
    settings = server.settings
    requests.post(
        f"{server.url}/v1_1/{settings.cloud_name}/folders/samples",
        auth=(settings.api_key, settings.api_secret),
        timeout=10,
    ).raise_for_status()


def _pytest(suite: Path, url: str, arguments: list[str], report: Path) -> Iterator[Outcome]:
    environment = {
        **os.environ,
        "CLOUDINARY_URL": url,
        "CLD_TEST_ADDONS": "",
        "RUN_SEARCH_TESTS": "1",
        "PYTHONPATH": ".",
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    fixed = ["-q", "--timeout=60", "-p", "no:cacheprovider", "-c", os.devnull, "--rootdir=."]
    subprocess.run(
        [sys.executable, "-m", "pytest", *fixed, f"--junit-xml={report}", *arguments],
        cwd=suite,
        env=environment,
        check=False,
        stdout=subprocess.DEVNULL,
    )
    for case in ElementTree.parse(report).iter("testcase"):
        module = case.get("classname", "").split(".")
        name = next(part for part in module if part.startswith("test_"))
        kinds = {child.tag for child in case}
        failed = bool(kinds & {"failure", "error"})
        result = "failed" if failed else "skipped" if "skipped" in kinds else "passed"
        yield Outcome(f"{name}::{case.get('name')}", result)


def _complete(tests: Path) -> None:
    """Add what the distribution lacks: package marks, support names, sample files."""
    storage = tests / "cache" / "storage"
    resources = tests / "resources"
    for folder in (storage, resources):
        folder.mkdir(parents=True)
    for folder in (tests, tests / "cache", storage):
        (folder / "__init__.py").touch()
    shutil.copy(STAND_IN / "suite_names.py", tests / "helper_test.py")
    shutil.copy(STAND_IN / "memory_cache.py", storage / "dummy_cache_storage.py")
    for name in ("logo.png", "üni_näme_lögö.png"):
        (resources / name).write_bytes(sample_picture())
    Image.new("RGB", (16, 16), "green").save(resources / "favicon.ico", sizes=[(16, 16)])
    with zipfile.ZipFile(resources / "docx.docx", "w") as document:
        document.writestr("word/document.xml", "<document/>")


if __name__ == "__main__":
    sys.exit(main())
