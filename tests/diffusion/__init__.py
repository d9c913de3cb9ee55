"""Tests of the extra [diffusion]: skipped where torch is missing, unless it is required."""

from importlib.util import find_spec

import pytest

from branding import env

if find_spec("torch") is None:
    if env.read_text("FACET_DIFFUSION") == "required":
        raise ImportError("FACET_DIFFUSION=required, but torch is missing: make install-diffusion")
    pytest.skip("needs the extra [diffusion]: make install-diffusion", allow_module_level=True)
