"""The booking page over a workspace, as a browser asks for it, without a network: for tables of cases."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from falcon import testing
from support.api import DAY_NS, Api

__all__ = ["Browser"]


class Browser:
    """A guest's browser without a script: it asks for pages and sends forms."""

    def __init__(self, root: Path, index: Path | None = None, pace: int = DAY_NS) -> None:
        self.api = Api(root, index, pace)
        self._client = testing.TestClient(self.api.app)

    def get(self, path: str, **headers: str) -> testing.Result:
        """Return the answer to a request; a header's name has _ for -."""
        return self._send("GET", path, headers)

    def post(self, path: str, fields: Mapping[str, Any], **headers: str) -> testing.Result:
        """Return the answer to a form, sent from a page of this site."""
        sent = {"Sec-Fetch-Site": "same-origin", **headers}
        return self._send("POST", path, sent, fields)

    def upload(self, path: str, field: str, data: bytes) -> testing.Result:
        """Return the answer to a form with a file in this field."""
        head = f'--x\r\nContent-Disposition: form-data; name="{field}"; filename="my.ics"\r\n\r\n'.encode()
        sent = {"Sec-Fetch-Site": "same-origin", "Content-Type": "multipart/form-data; boundary=x"}
        return self._send("POST", path, sent, head + data + b"\r\n--x--\r\n")

    def _send(
        self,
        method: str,
        path: str,
        headers: Mapping[str, str],
        fields: Mapping[str, Any] | bytes | None = None,
    ) -> testing.Result:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        address, _, query = path.partition("?")
        body = urlencode(fields, doseq=True) if isinstance(fields, Mapping) else fields
        if body is not None:
            named = {"Content-Type": "application/x-www-form-urlencoded", **named}
        return self._client.simulate_request(
            method, address, query_string=query, body=body, headers=named, host="localhost"
        )
