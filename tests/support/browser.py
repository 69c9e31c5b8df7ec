"""A browser without a window, for pages that are written."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

CHROMIUM = shutil.which("chromium")


def browsed(address: str, folder: Path, width: int = 1280) -> str:
    """A page as a browser has it after its scripts; ``folder`` is for the files of the browser."""
    quiet = ("--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync")
    command = [str(CHROMIUM), "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", *quiet]
    command += [f"--user-data-dir={folder / 'profile'}", f"--window-size={width},900", "--dump-dom", address]
    return subprocess.run(command, capture_output=True, check=True, text=True, timeout=120).stdout


def asked(page: Path, script: str, width: int = 1280) -> str:
    """What a script that sets the title of the page says, when it runs after the page's own."""
    copy = page.with_name("asked.html")
    text = page.read_text(encoding="utf-8").replace("</body>", f"<script>{{ {script} }}</script></body>")
    copy.write_text(text, encoding="utf-8")
    (title,) = re.findall("<title>(.*?)</title>", browsed(copy.as_uri(), page.parent, width).partition("<body")[0])
    return str(title)
