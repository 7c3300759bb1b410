"""The official SDK, imported without the environment's account.

The SDK reads ``CLOUDINARY_*`` while it is imported and raises ``ValueError`` for a
``CLOUDINARY_URL`` that it cannot parse; here every call brings its own credentials, so its
global configuration stays empty.
https://cloudinary.com/documentation/python_integration#set_configuration_parameters
"""

from __future__ import annotations

import os

_hidden = {name: os.environ.pop(name) for name in list(os.environ) if name.startswith("CLOUDINARY")}
try:
    from cloudinary import exceptions, utils
    from cloudinary.api_client.execute_request import execute_request
finally:
    os.environ.update(_hidden)

__all__ = ["exceptions", "execute_request", "utils"]
