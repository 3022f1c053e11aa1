"""``policy lsp`` where its parts are not installed."""

from __future__ import annotations

import subprocess
import sys


def test_without_the_extra_it_is_named():
    code = (
        "import sys; sys.modules['pygls'] = None\n"
        "from policy.commands.main import toolkit; sys.argv = ['policy', 'lsp']; toolkit()"
    )
    ran = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL
    )
    assert 2 == ran.returncode
    assert "policy-lint[lsp]" in ran.stderr
    assert "Traceback" not in ran.stderr
