"""The page in a frame of another site: of one that its profile names, and of no other."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

from playwright.sync_api import Browser, expect
from support.http_service import HttpService


@contextmanager
def site(frame: str) -> Iterator[str]:
    """Run another site, whose one page shows `frame`, and yield its origin."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(f'<!DOCTYPE html><title>Shop</title><iframe src="{frame}"></iframe>'.encode())

        def log_message(self, *_: object) -> None:
            """Write nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def test_only_a_named_site_shows_the_page(browser: Browser, studio: HttpService) -> None:
    """The other one gets an empty frame, and the browser says why."""
    address = f"{studio.url}/b/intro?tz=Europe/London"
    profile = studio.workspace / "profiles/intro.yaml"
    with site(address) as named, site(address) as other:
        profile.write_text(profile.read_text().replace("https://shop.example", named))
        page = browser.new_page()
        messages: list[str] = []
        page.on("console", lambda message: messages.append(message.text))
        page.goto(named)
        heading = page.frame_locator("iframe").get_by_role("heading", level=1)
        expect(heading).to_have_text("Choose a day and a time")
        assert messages == []
        page.goto(other)
        expect(heading).to_have_count(0)
        assert "frame-ancestors" in "".join(messages)
