"""What Cloudinary's ``usage`` says, for people."""

from mirrorfs.providers.cloudinary.about import read_about


def test_amounts_are_told_in_full_and_bandwidth_in_bytes() -> None:
    told = {
        "credits": {"usage": 1.25, "limit": 25},
        "bandwidth": {"usage": 123_456_789, "limit": 5_000_000_000},
        "transformations": {"usage": 1_234_567},
    }
    assert read_about("demo", told).details == {
        "credits": "1.25 of 25",
        "bandwidth": "123456789 of 5000000000 bytes",
        "transformations": "1234567",
    }
