"""Limits of the work in the background: renders, publishing, schedules, diffusion, platforms."""

from pathlib import Path

from branding import env
from branding.settings.base import DATA_DIR

# How long a render may show no progress before another worker takes it over, and how often it may
# be taken over: a photo that crashes its worker every time is given up.
RENDER_LEASE_SECONDS = env.read_number("RENDER_LEASE_SECONDS", 15)
RENDER_ATTEMPTS = env.read_number("RENDER_ATTEMPTS", 25)
# How long a publication that is being sent may show no sign of life before it becomes uncertain:
# longer than all the calls of one sending may take.
PUBLISH_LEASE_SECONDS = env.read_number("PUBLISH_LEASE_SECONDS", 240)
PUBLISH_ATTEMPTS = env.read_number("PUBLISH_ATTEMPTS", 9)  # tries after which the person is asked
POLL_DELAYS = (5, 30, 300, 3600)  # seconds until each poll of an accepted picture; then days
PUBLISH_RETRY_SECONDS = 5  # until the second try; three times as long each time, an hour at most
PUBLISH_RESEND_SECONDS = 60  # after which a message to a worker counts as lost
PUBLISH_DIGEST_SECONDS = 120  # that news wait for further ones before an e-mail is sent
# Schedules: over how long runs of the same minute are spread, how late a run counts as missed, how
# many schedules a person may have, and how long a run may show no sign of life.
SCHEDULE_SPREAD_SECONDS = env.read_number("SCHEDULE_SPREAD_SECONDS", 240)
SCHEDULE_LATE_SECONDS = 3600
SCHEDULE_LIMIT = 50
SCHEDULE_LEASE_SECONDS = 120
RENDER_LIMIT = env.read_number("RENDER_LIMIT", 10)  # unfinished renders an account may have
PHOTO_LIMIT = env.read_number("PHOTO_LIMIT", 60)  # photos an account may keep
# Image models for backgrounds and clothes: names or folders, the preferred one first; their device.
MODELS_DIR = Path(env.read_text("MODELS_DIR", str(DATA_DIR / "models")))
MODELS = env.read_list("MODELS", "klein,qwen,zimage,sdxl")
PAINT_PATIENCE_SECONDS = 600  # that a diffusion render waits for a worker before it fails
PAINT_DEVICE = env.read_text("PAINT_DEVICE")  # cuda, mps, xpu or cpu; the best one if not said

# Platforms: what the operator got from each, as <PLATFORM>_CLIENT_ID and _CLIENT_SECRET.
PLATFORM_KEYS = env.variables_ending_with("_CLIENT_ID", "_CLIENT_SECRET")
# Where atproto accounts are looked up.
PLC_URL = env.read_address("PLC_URL", "https://plc.directory")
# Content credentials (C2PA): the function that signs the files of `manage.py headshots`, and PEM
# files of a certificate and its key that the operator brings; without them Facet makes its own.
SIGN_RENDERED_FILE = "integrations.content_credentials.signing.sign_rendered_file"
VERIFY_PAGE = env.read_flag("VERIFY_PAGE", default=True)  # /verify/, for anyone
VERIFY_RATE = 10  # pictures that one address may verify in a minute
C2PA_CERTIFICATE = env.read_text("C2PA_CERTIFICATE")
C2PA_PRIVATE_KEY = env.read_text("C2PA_PRIVATE_KEY")
TIMESTAMP_URL = env.read_address("TIMESTAMP_URL")  # of an RFC 3161 authority; "" for none
LOCAL_TRENDS = env.read_flag("LOCAL_TRENDS")  # pages say which looks groups of people use here
OPEN_LOOPBACK = env.read_flag("OPEN_LOOPBACK")  # for development and tests: speak to this machine
if OPEN_LOOPBACK:
    # Allows HTTP to loopback addresses; see integrations/outbound.
    env.set_variable("OAUTHLIB_INSECURE_TRANSPORT", "1")
