"""Two accounts to look at: one that owns one of everything and more, one that owns nothing.

`fill` runs in the world of an installation, as `manage.py shell -c` does; what it made is really
developed, by the worker, from the portrait that comes with Facet.
"""

import hashlib
import json
from datetime import timedelta
from itertools import cycle
from urllib.parse import urlencode

import numpy as np
from allauth.account.forms import default_token_generator
from allauth.account.models import EmailAddress, EmailConfirmationHMAC
from allauth.account.utils import user_pk_to_url_str
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from branding.advice.models import AdviceSettings
from branding.juries import services as juries
from branding.kits.models import Kit
from branding.kits.services import apply_kit_of
from headshots.adjustment import Adjustment
from headshots.engine.recipes import built_in_looks
from headshots.models import Photo, Render, Variant
from headshots.selectors import recipe_of
from headshots.services import photos, renders, variants
from headshots.storage import pictures
from integrations import renditions
from integrations.avatars import services as avatar_services
from integrations.content_credentials import recognition
from integrations.models import Backup, Connection, Handshake
from integrations.publishing import choices
from tests.support import portraits
from tests.support.people import PASSWORD, browser, jpeg, person, photo_of, sheet_of
from tests.support.processes import wait_until
from tests.support.urls import Belongings, every_address

SEEN = ("picture", "likeness", "skin_delta_e", "steps", "notes", "view_box", "source_type")
SAMPLE_NAME = "Eileen Collins, by NASA"
PHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1 Safari/604.1"


def fill():
    """Make both accounts, and say as JSON who they are and where their pages may be."""
    alice, bob = person("alice"), person("bob")
    everything = Belongings(alice)
    for owner in (alice, bob):
        EmailAddress.objects.create(user=owner, email=owner.email, verified=True, primary=True)
    EmailAddress.objects.create(user=alice, email="alice@new.example.org", verified=False)
    variants = _use(alice, everything)
    links = _public_links(everything, variants)
    TOTP.activate(alice, generate_totp_secret())
    RecoveryCodes.activate(alice)
    UserSession.objects.filter(pk=everything.session.pk).update(user_agent=PHONE)
    addresses = {
        "filled": {"session": _session(alice, is_asked=True), "urls": _urls(everything, variants)},
        "empty": {"session": _session(bob), "urls": _plain()},
        "nobody": {"session": _trial_session(), "urls": _plain() | _email_links(bob) | links},
    }
    print(json.dumps(addresses))


def _use(owner, everything):
    """Use the account as a person would in its first month; the sheet of ten is the newest."""
    AdviceSettings.objects.filter(owner=owner).update(
        audiences=["clients", "friends"], dress="suit"
    )
    Kit.objects.create(owner=owner, name="Alice Liddell", accent="#0B6E4F", industry="tech")
    data = photos.SAMPLE.read_bytes()
    good = _looked_at(photos.add_photo(owner, data, name=SAMPLE_NAME, professional=True))
    _looked_at(photos.add_photo(owner, jpeg(portraits.cat()), name="cat.jpg"))
    photo_of(owner, seed=5, state=Photo.State.CHECKING)
    for state in (Variant.State.REJECTED, Variant.State.FAILED):
        sheet_of(owner, good, count=1, state=state)
    sheet = _developed(
        renders.start_render(owner, [good], apply_kit_of(owner, built_in_looks().values()))
    )
    ready_variants = list(sheet.variants.filter(state=Variant.State.READY))
    smiling = Adjustment(
        **vars(Adjustment.from_recipe(recipe_of(ready_variants[0]))) | {"smile": 0.5}
    )
    _developed(
        renders.adjust_variant(
            ready_variants[0], smiling.apply_to(recipe_of(ready_variants[0]))
        ).render
    )
    _developed(renders.take_untouched(good).render)
    variants.keep_variant(ready_variants[4])
    variants.discard_variant(ready_variants[-1])
    for index, places in enumerate((("linkedin", "gravatar"), ("slack", "zoom"), ("github", "x"))):
        choices.choose_variant(ready_variants[2 * index], places)
    choices.choose_variant(ready_variants[1], ["linkedin", "avatar"])
    avatar_services.open_address(owner)
    _show(everything, good, ready_variants)
    return ready_variants


def _public_links(everything, variants):
    """The pages that strangers see with a link: of a question, which some answered, and a proof."""
    jury = everything.jury
    for voter in map(str, range(6)):
        while step := juries.next_pair(jury, voter):
            juries.record_vote(jury, voter, number=step[0], side=int(step[1][0] > step[1][1]))
    proven = next(variant for variant in variants if recognition.is_provable(variant))
    recognition.allow_recognition(proven)
    painted = variants[-2]
    Variant.objects.filter(pk=painted.pk).update(
        evidence=painted.evidence | {"face": "regenerated"}
    )
    open_jury = juries.start_jury(everything.owner, variants[:4], "Who looks most trustworthy?")
    return {
        "web:jury_vote": [reverse("web:jury_vote", args=[open_jury.token])],
        "web:proof": [reverse("web:proof", args=[recognition.proof_token(proven)])],
    }


def _looked_at(photo):
    """The photo, once the worker's coach has seen it."""
    there = Photo.objects.filter(pk=photo.pk).exclude(state=Photo.State.CHECKING)
    wait_until(there.exists, 60)
    return there.get()


def _developed(render):
    """The render, once the worker has made it."""
    there = Render.objects.filter(pk=render.pk).exclude(finished_at=None)
    wait_until(there.exists, 60)
    return there.get()


def _show(everything, photo, variants):
    """Let everything the walk owns show a face instead of coloured patches."""
    pixels = np.ascontiguousarray(portraits.astronaut()[:-1, :-1])
    values = {
        "picture": pictures.store_picture(photo.owner_id, pixels),
        "width": 511,
        "height": 511,
    }
    values |= {"checks": photo.checks, "view_box": Photo.objects.get(name=SAMPLE_NAME).view_box}
    Photo.objects.filter(pk=everything.photo.pk).update(**values)
    rows = Variant.objects.filter(photo=everything.photo, state=Variant.State.READY)
    for row, real in zip(rows, cycle(variants)):
        Variant.objects.filter(pk=row.pk).update(**{name: getattr(real, name) for name in SEEN})
    portrait = renditions.make_portrait(photos.SAMPLE.read_bytes())
    Connection.objects.filter(owner=photo.owner).update(portrait=portrait)
    Backup.objects.filter(connection__owner=photo.owner).update(portrait=portrait)
    for mine in (everything.photo, everything.variant):
        mine.refresh_from_db()


def _session(owner, *, is_asked=False):
    """The cookie of a browser in which this person just gave their password."""
    client = browser(owner)
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    if is_asked:
        session = client.session
        session.update({"connecting": "this session", "waiting": _asked_by_a_cloud(owner)})
        session.save()
    return client.cookies[settings.SESSION_COOKIE_NAME].value


def _trial_session():
    """The cookie of a visitor without an account who tried a photo."""
    client = browser()
    with photos.SAMPLE.open("rb") as photo:
        client.post(reverse("web:trial"), {"photo": photo})
    _developed(Render.objects.get(owner__trial__isnull=False))
    return client.cookies[settings.SESSION_COOKIE_NAME].value


def _asked_by_a_cloud(owner):
    """A sign-in at a Nextcloud that has not been answered yet, and never will be."""
    server, state = "https://cloud.example.org", "a state"
    hashed = [hashlib.sha256(text.encode()).hexdigest() for text in ("this session", state)]
    row = Handshake(
        owner=owner,
        platform="nextcloud",
        server=server,
        binding=hashed[0],
        state=hashed[1],
        expires_at=timezone.now() + timedelta(days=1),
    )
    row.seal({"memory": {"poll": f"{server}/poll", "token": "a token"}, "remembered": {}})
    row.save()
    return {"slug": "nextcloud", "state": state, "url": f"{server}/login/v2/flow/a"}


def _urls(everything, variants):
    urls = {address.name: everything.urls(address) for address in every_address()}
    urls["web:compare"] = [f"{url}?a={everything.variant.pk}" for url in urls["web:compare"]]
    urls["oauth2_provider:authorize"] = [_asking(everything.application)]
    urls["web:variant"].insert(0, reverse("web:variant", args=[variants[0].pk]))
    for variant in variants[-2:]:  # a painted face, and a dismissed headshot
        urls["web:variant"].append(reverse("web:variant", args=[variant.pk]))
    proven = next(variant for variant in variants if recognition.is_recognizable(variant))
    urls["web:variant"].append(reverse("web:variant", args=[proven.pk]))
    urls["web:sheet"].insert(0, reverse("web:sheet", args=[variants[0].render_id]))
    urls["web:photo"].insert(0, reverse("web:photo", args=[variants[0].photo_id]))
    for photo in everything.owner.photos.exclude(state=Photo.State.USABLE):
        urls["web:photo"].append(reverse("web:photo", args=[photo.pk]))
    return urls


def _asking(application):
    """Where an application sends people who shall let it in."""
    values = {
        "client_id": application.client_id,
        "response_type": "code",
        "scope": "read publish",
        "redirect_uri": application.redirects[0],
        "code_challenge_method": "S256",
        "code_challenge": "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
    }
    return f"{reverse('oauth2_provider:authorize')}?{urlencode(values)}"


def _plain():
    """Every address that needs no argument, and one where nothing is."""
    plain = {
        address.name: [reverse(address.name)]
        for address in every_address()
        if not address.arguments
    }
    return plain | {"missing": ["/nothing/here/"]}


def _email_links(owner):
    """What the e-mails to this person link to."""
    confirm = EmailConfirmationHMAC.create(EmailAddress.objects.get(user=owner)).key
    reset = {"uidb36": user_pk_to_url_str(owner), "key": default_token_generator.make_token(owner)}
    spent = {"uidb36": "1", "key": "guessed-by-a-stranger"}
    return {
        "account_confirm_email": [
            reverse("account_confirm_email", args=[key]) for key in (confirm, "MQ:guessed")
        ],
        "account_reset_password_from_key": [
            reverse("account_reset_password_from_key", kwargs=key) for key in (reset, spent)
        ],
    }
