"""Failures in the service's own words.

Every API failure is a JSON object ``{"error": {"message": text}}`` under a documented status:
400, 401, 403, 404, 409 or 420 (https://cloudinary.com/documentation/admin_api#error_handling).
"""

from __future__ import annotations


class ApiError(Exception):
    """A request the service refuses: an HTTP status and the message it gives."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.message = message

    def body(self) -> dict[str, object]:
        """Give the documented JSON error object."""
        return {"error": {"message": self.message}}


def bad_request(message: str) -> ApiError:
    """Refuse with 400."""
    return ApiError(400, message)


def resource_not_found(public_id: str) -> ApiError:
    """Refuse with 404 in the documented words."""
    return ApiError(404, f"Resource not found - {public_id}")


def folder_not_found(path: str) -> ApiError:
    """Refuse with 404 in the words clients match on."""
    return ApiError(404, f"Can't find folder with path {path}")
