"""Limits of the work in the background: renders, publishing, schedules, diffusion, platforms."""

from pathlib import Path

from branding import env
from branding.settings.base import DATA_DIR

# How long a render may show no progress before another worker takes it over, and how often it may
# be taken over: a photo that ends its worker every time is given up in the end.
RENDER_LEASE_SECONDS = env.number("RENDER_LEASE_SECONDS", 15)
RENDER_ATTEMPTS = env.number("RENDER_ATTEMPTS", 25)
# How long a sending may show no sign of life before it is looked for at the platform: longer than
# all the calls of one sending may take.
PUBLISH_LEASE_SECONDS = env.number("PUBLISH_LEASE_SECONDS", 240)
PUBLISH_ATTEMPTS = env.number("PUBLISH_ATTEMPTS", 9)  # tries after which the person is asked
PUBLISH_LOOKS = (5, 30, 300, 3600)  # seconds between looks at what was accepted; then days
PUBLISH_RETRY_SECONDS = 5  # until the second try; three times as long each time, an hour at most
PUBLISH_RETELL_SECONDS = 60  # after which an unanswered message counts as lost
PUBLISH_DIGEST_SECONDS = 120  # that news wait for more of them before a letter is sent
# Schedules: how far a crowd of one minute is spread, how late a run counts as missed, how many one
# person may have, and how long a run may show no sign of life.
SCHEDULE_SPREAD = env.number("SCHEDULE_SPREAD_SECONDS", 240)
SCHEDULE_LATE = 3600  # seconds
SCHEDULE_LIMIT = 50
SCHEDULE_LEASE_SECONDS = 120
SCHEDULE_INTERVAL = 24 * 3600  # seconds that schedules leave between two changes, at least
PHOTO_LIMIT = env.number("PHOTO_LIMIT", 60)  # photos an account may keep
# Image models that paint places and clothes, names or folders, the preferred first; and on what.
MODELS_DIR = Path(env.text("MODELS_DIR", str(DATA_DIR / "models")))
MODELS = env.words("MODELS", "klein,qwen,zimage,sdxl")
PAINT_PATIENCE_SECONDS = 600  # that a painting waits for a worker before it is given up
PAINT_DEVICE = env.text("PAINT_DEVICE")  # cuda, mps, xpu or cpu; the best one if not said

# Platforms: what the operator got from each, as <PLATFORM>_CLIENT_ID and _CLIENT_SECRET.
PLATFORM_KEYS = env.ending("_CLIENT_ID", "_CLIENT_SECRET")
PLC_URL = env.text("PLC_URL", "https://plc.directory")  # where atproto accounts are looked up
OPEN_LOOPBACK = env.flag("OPEN_LOOPBACK")  # for development and tests: speak to this machine
if OPEN_LOOPBACK:
    env.put("OAUTHLIB_INSECURE_TRANSPORT", "1")  # http to loopback; the outbound door decides
