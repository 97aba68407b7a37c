"""Drives Chromium over its own protocol: opens a page, types, clicks, looks, takes pictures."""

import asyncio
import json
import tempfile
from base64 import b64decode
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import count
from pathlib import Path
from typing import Any

import aiohttp

from tests.waiting import GUARD


class Page:
    """One page."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._socket = socket
        self._numbers = count(1)

    async def call(self, method: str, **params: Any) -> dict[str, Any]:
        """Ask the browser for something."""
        number = next(self._numbers)
        await self._socket.send_json({"id": number, "method": method, "params": params})
        async with asyncio.timeout(GUARD):
            while True:
                told = await self._socket.receive_json()
                if told.get("id") == number:
                    assert "error" not in told, told
                    return dict(told["result"])

    async def run(self, script: str) -> Any:
        """Return what an expression of the page's own language is."""
        found = await self.call(
            "Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True
        )
        assert "exceptionDetails" not in found, found["exceptionDetails"]
        return found["result"].get("value")

    async def wait_until(self, script: str) -> None:
        """Return once an expression is something."""
        async with asyncio.timeout(GUARD):
            while not await self.run(f"Boolean({script})"):
                await asyncio.sleep(0.1)

    async def type(self, selector: str, text: str) -> None:
        """Write a line into a field."""
        await self.run(f"document.querySelector({json.dumps(selector)}).focus()")
        await self.call("Input.insertText", text=text)
        await self.press("Enter", 13)

    async def press(self, key: str, code: int) -> None:
        """Press a key, by its name and its number."""
        pressed = {"key": key, "code": key, "windowsVirtualKeyCode": code}
        written = {"text": "\r"} if key == "Enter" else {}
        await self.call("Input.dispatchKeyEvent", type="keyDown", **pressed, **written)
        await self.call("Input.dispatchKeyEvent", type="keyUp", **pressed)

    async def picture(self, path: Path, selector: str) -> None:
        """Keep a picture of what stands in an element."""
        box = await self.run(
            f"(r => ({{x: r.x, y: r.y, width: r.width, height: r.height}}))"
            f"(document.querySelector({json.dumps(selector)}).getBoundingClientRect())"
        )
        found = await self.call("Page.captureScreenshot", clip={**box, "scale": 1.5})
        path.write_bytes(b64decode(found["data"]))


@asynccontextmanager
async def open_page(program: str, url: str, width: int, height: int) -> AsyncIterator[Page]:
    """Open a page in a browser of that size."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        process = await asyncio.create_subprocess_exec(
            program, "--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars",
            "--remote-debugging-port=0", f"--user-data-dir={folder}",
            f"--window-size={width},{height}", "about:blank",
            stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL,
        )  # fmt: skip
        try:
            port = await _port(Path(folder) / "DevToolsActivePort")
            base = f"http://127.0.0.1:{port}"
            async with aiohttp.ClientSession() as session:
                async with session.put(f"{base}/json/new?{url}") as answer:
                    page = await answer.json(content_type=None)
                async with session.ws_connect(
                    page["webSocketDebuggerUrl"], max_msg_size=0
                ) as socket:
                    yield Page(socket)
        finally:
            process.terminate()
            await process.wait()


async def _port(file: Path) -> str:
    async with asyncio.timeout(GUARD):
        while not file.exists() or not file.read_text(encoding="ascii").strip():
            await asyncio.sleep(0.1)
    return file.read_text(encoding="ascii").split()[0]
