"""On the path of a client's interpreter: has it trust the authority in SSL_CERT_FILE.

``requests`` looks at the environment only where a request is made by ``Session.request``; smugcli
sends prepared requests.
"""

import os

import certifi

certifi.where = lambda: os.environ["SSL_CERT_FILE"]
