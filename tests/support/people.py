"""People, and photos, renders and tokens for them to own."""

import io
import time
from datetime import timedelta
from itertools import cycle, islice
from uuid import uuid4

import numpy as np
from allauth.account.internal.flows.login import _AUTHENTICATION_METHODS_USER_SESSION_KEY
from django.contrib.auth import get_user_model
from django.test import Client
from django.utils import timezone
from oauth2_provider.models import AccessToken, RefreshToken, set_token_value
from PIL import Image

from branding.juries.models import Jury
from headshots.engine.io import provenance
from headshots.engine.recipes import built_in_looks
from headshots.models import Photo, Render, Variant
from headshots.storage import pictures
from headshots.wording import CONSENT_VERSION
from tests.support import portraits

PASSWORD = "a long pass phrase"
SQUARE = "100 50 300 300"


def person(name="alice"):
    """An account, by default of Alice."""
    return get_user_model().objects.create_user(f"{name}@example.com", PASSWORD)


def browser(owner=None, **options):
    """A Django test client in which the owner, if any, is signed in."""
    client = Client(HTTP_HOST="localhost", HTTP_USER_AGENT="Firefox", **options)
    if owner is not None:
        client.force_login(owner)
        record_sign_in(client, owner)
    return client


def record_sign_in(client, owner, *, seconds_ago=0):
    """Note in the session that the owner typed the password then."""
    session = client.session
    session["account_authentication_methods"] = [
        {"method": "password", "at": time.time() - seconds_ago}
    ]
    session[_AUTHENTICATION_METHODS_USER_SESSION_KEY] = str(owner.pk)
    session.save()


def patches(seed=0, side=96):
    """Pixels without a face, different for each seed."""
    coarse = np.random.default_rng(seed).integers(0, 256, (4, 4, 3), dtype=np.uint8)
    return np.ascontiguousarray(np.kron(coarse, np.ones((side // 4, side // 4, 1), np.uint8)))


def jpeg(pixels, **options):
    """Pixels as the bytes of a JPEG file."""
    target = io.BytesIO()
    Image.fromarray(pixels).save(target, "JPEG", **options)
    return target.getvalue()


def selfie(seed=0):
    """A photo that passes the input checks; another file for each seed."""
    pixels = portraits.astronaut().copy()
    pixels[:8, :8] = seed
    return jpeg(pixels, quality=92)


def photo_of(owner, *, seed=0, state=Photo.State.USABLE, **fields):
    """A stored and checked photo without a face."""
    values = {
        "picture": pictures.store_picture(owner.pk, patches(seed)),
        "name": f"photo-{seed}.jpg",
        "width": 800,
        "height": 1000,
        "view_box": SQUARE if state == Photo.State.USABLE else "",
        "checks": [
            {
                "name": "exposure",
                "ok": False,
                "value": 0.2,
                "limit": 0.3,
                "advice": "Turn towards the window.",
                "blocking": False,
            },
        ]
        if state == Photo.State.USABLE
        else [],
        "consent_version": CONSENT_VERSION,
        "consented_at": timezone.now(),
    }
    if state == Photo.State.REFUSED:
        values |= {"code": "no_face", "message": "No face was found.", "advice": "Turn around."}
    return Photo.objects.create(owner=owner, state=state, **values | fields)


def sheet_of(owner, photo=None, *, count=3, state=Variant.State.READY, kind=Render.Kind.SHEET):
    """A render with some variants, all in one state, as the worker would have left them."""
    photo = photo or photo_of(owner)
    done = None if state == Variant.State.WAITING else timezone.now()
    render = Render.objects.create(owner=owner, kind=kind, size=512, finished_at=done)
    render.photos.add(photo)
    last = Variant.objects.filter(owner=owner).count()
    Variant.objects.bulk_create(
        Variant(
            owner=owner,
            render=render,
            photo=photo,
            number=last + index,
            look=look.slug,
            title=look.title,
            wished=look.to_plain_data(),
            state=state,
            **_variant_fields(owner, state),
        )
        for index, look in enumerate(islice(cycle(built_in_looks().values()), count), start=1)
    )
    return render


def variant_of(owner, **options):
    """The only variant of a render of its own."""
    return sheet_of(owner, count=1, **options).variants.get()


def _variant_fields(owner, state):
    if state == Variant.State.READY:
        return {
            "picture": pictures.store_picture(owner.pk, patches(7, side=512)),
            "progress": 100,
            "likeness": 0.21,
            "skin_delta_e": 1.2,
            "steps": [{"name": "retouch", "params": {"strength": 0.4}}],
            "notes": ["The light comes from the left."],
            "view_box": SQUARE,
            "source_type": provenance.COMPOSITE_SYNTHETIC,
            "made_at": timezone.now(),
        }
    if state == Variant.State.WAITING:
        return {"progress": 30, "step": "relight"}
    return {"reason": "The face is not like the photo.", "advice": "Lower the expression."}


def grant_access(owner, application, *, scope="read", held=timedelta(hours=1)):
    """Let an application act for this person; return its access and refresh token."""
    texts = [f"facet_{kind}-of-{owner.pk}-{uuid4()}" for kind in ("access", "renewal")]
    values = {"user": owner, "application": application}
    access = AccessToken(**values, scope=scope, expires=timezone.now() + held)
    set_token_value(access, texts[0])
    access.save()
    renewal = RefreshToken(**values, access_token=access, token_family=uuid4())
    set_token_value(renewal, texts[1])
    renewal.save()
    return texts


def snapshot(owner):
    """Everything of a person that a stranger could have changed, as plain data."""
    models = (Photo, Render, Variant)
    juries = list(Jury.objects.filter(render__owner=owner).order_by("pk").values())
    rows = [list(model.objects.filter(owner=owner).order_by("pk").values()) for model in models]
    theirs = (owner.choices, owner.handoffs, owner.api_application)
    theirs += (owner.oauth2_provider_accesstoken, owner.oauth2_provider_refreshtoken)
    rows += [list(manager.order_by("pk").values()) for manager in theirs]
    return [*rows, juries, sorted(pictures.list_names())]


def unknown_id():
    """An id that no row has."""
    return uuid4()
