"""A headshot is downloaded in every offered size and format, by a page and by the API."""

import io
import re

import pytest
from django.core.cache import cache
from django.urls import reverse
from PIL import Image

from branding.api.services import create_token
from headshots.models import Variant
from headshots.services import cut_outs
from headshots.storage import pictures
from tests.support import celery_messages, portraits
from tests.support.people import browser, person, photo_of, variant_of

pytestmark = pytest.mark.django_db
FORMATS = {"jpeg": "JPEG", "png": "PNG", "webp": "WEBP"}


@pytest.fixture
def alice():
    cache.clear()
    celery_messages.lose()
    return person("alice")


@pytest.fixture(params=["page", "api"])
def download(request, alice):
    """Download with some wishes, by a page or by the API."""

    def fetch(variant, **wishes):
        if request.param == "page":
            address = reverse("web:variant_download", args=[variant.pk])
            return browser(alice).get(address, wishes)
        _, secret = create_token(alice, "files", scopes=["read"])
        headers = {"Authorization": f"Bearer {secret}"}
        return browser().get(f"/api/v1/variants/{variant.pk}/file", wishes, headers=headers)

    return fetch


@pytest.mark.parametrize("form", FORMATS)
def test_file_has_the_size_and_format_that_were_asked_for(alice, download, form):
    response = download(variant_of(alice), format=form, size="256")
    assert response.status_code == 200
    with Image.open(io.BytesIO(response.content)) as picture:
        assert (picture.format, picture.size) == (FORMATS[form], (256, 256))
    assert re.search(r'filename="01-linkedin-256\.(jpg|png|webp)"', response["Content-Disposition"])


def test_file_is_never_enlarged_and_full_size_without_a_size(alice, download):
    variant = variant_of(alice)
    for wishes in ({"size": "2048"}, {"format": "png"}):
        with Image.open(io.BytesIO(download(variant, **wishes).content)) as picture:
            assert picture.size == (512, 512)


@pytest.mark.parametrize(
    "wishes", [{"format": "bmp"}, {"size": "0"}, {"size": "x"}, {"size": "²"}, {"format": ""}]
)
def test_other_sizes_and_formats_are_refused(alice, download, wishes):
    assert download(variant_of(alice), **wishes).status_code == 400


def test_headshot_of_no_photo_is_not_cut_out(alice, download):
    variant = variant_of(alice)
    Variant.objects.filter(pk=variant.pk).update(photo=None)
    assert download(variant, format="transparent").status_code == 409


def test_cut_out_waits_for_a_worker_only_so_long(alice, download, monkeypatch):
    monkeypatch.setattr(cut_outs, "TIMEOUT_SECONDS", 0.05)
    assert download(variant_of(alice), format="transparent").status_code == 503


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_cut_out_is_a_png_with_transparency(alice, download):
    picture = pictures.store_picture(alice.pk, portraits.astronaut())
    variant = variant_of(alice, photo=photo_of(alice, picture=picture))
    with celery_messages.worker():
        response = download(variant, format="transparent", size="256")
    assert response.status_code == 200 and response["Content-Type"] == "image/png"
    with Image.open(io.BytesIO(response.content)) as file:
        assert (file.mode, file.size) == ("RGBA", (256, 256))
        assert file.getchannel("A").getextrema() == (0, 255)
        assert "DigitalSourceType" in str(file.info)


def test_menu_offers_it_only_where_it_is_possible(alice):
    variant = variant_of(alice)
    address = reverse("web:variant", args=[variant.pk])
    assert "format=transparent" in browser(alice).get(address).content.decode()
    Variant.objects.filter(pk=variant.pk).update(photo=None)
    assert "format=transparent" not in browser(alice).get(address).content.decode()
