"""URLs of the API and of its schema."""

from django.urls import path, re_path
from drf_spectacular.views import SpectacularAPIView

from branding.api import catalog
from branding.api.account import kit, webhooks
from branding.api.headshots import paintings, renders, variants
from branding.api.photos import photos
from branding.api.profiles import profiles, public_addresses
from branding.api.publishing import handoffs, publications, refreshes
from branding.api.schedules import schedules

app_name = "api"
urlpatterns = [
    path("schema/", SpectacularAPIView.as_view(), name="schema"),
    path("v1/me", catalog.Me.as_view(), name="me"),
    path("v1/looks", catalog.Looks.as_view(), name="looks"),
    path("v1/scenes", catalog.Scenes.as_view(), name="scenes"),
    path("v1/photos", photos.Photos.as_view(), name="photos"),
    path("v1/photos/<uuid:pk>", photos.Photo.as_view(), name="photo"),
    path("v1/photos/<uuid:pk>/picture", photos.PhotoPicture.as_view(), name="photo-picture"),
    path("v1/photos/<uuid:pk>/untouched", photos.Untouched.as_view(), name="photo-untouched"),
    path("v1/renders", renders.Renders.as_view(), name="renders"),
    path("v1/renders/<uuid:pk>", renders.Render.as_view(), name="render"),
    path("v1/renders/<uuid:pk>/again", renders.Again.as_view(), name="render-again"),
    path("v1/renders/<uuid:pk>/stop", renders.Stop.as_view(), name="render-stop"),
    path("v1/renders/<uuid:pk>/events", renders.Events.as_view(), name="render-events"),
    path("v1/variants", variants.Variants.as_view(), name="variants"),
    path("v1/variants/<uuid:pk>", variants.Variant.as_view(), name="variant"),
    path(
        "v1/variants/<uuid:pk>/picture", variants.VariantPicture.as_view(), name="variant-picture"
    ),
    path("v1/variants/<uuid:pk>/file", variants.VariantFile.as_view(), name="variant-file"),
    path("v1/variants/<uuid:pk>/adjust", variants.Adjust.as_view(), name="variant-adjust"),
    path("v1/variants/<uuid:pk>/paint", paintings.Paint.as_view(), name="variant-paint"),
    path("v1/painter", paintings.Painter.as_view(), name="painter"),
    path("v1/refresh", refreshes.Refresh.as_view(), name="refreshing"),
    path("v1/refresh/<uuid:pk>/accept", refreshes.Accept.as_view(), name="refresh-accept"),
    path("v1/kit/again", kit.KitAgain.as_view(), name="kit-again"),
    path("v1/kit", kit.Kit.as_view(), name="kit"),
    path("v1/places", profiles.Places.as_view(), name="places"),
    path("v1/profiles", profiles.Profiles.as_view(), name="profiles"),
    path("v1/choices", profiles.Choices.as_view(), name="choices"),
    path("v1/choices/<int:pk>", profiles.Choice.as_view(), name="choice"),
    path("v1/connections", profiles.Connections.as_view(), name="connections"),
    path("v1/connections/<uuid:pk>", profiles.Connection.as_view(), name="connection"),
    path("v1/connections/<uuid:pk>/look", profiles.Look.as_view(), name="connection-look"),
    path(
        "v1/connections/<uuid:pk>/portrait", profiles.Portrait.as_view(), name="connection-portrait"
    ),
    path("v1/publications", publications.Publications.as_view(), name="publications"),
    path("v1/publications/<uuid:pk>", publications.One.as_view(), name="publication"),
    path(
        "v1/publications/<uuid:pk>/cancel", publications.Cancel.as_view(), name="publication-cancel"
    ),
    path(
        "v1/publications/<uuid:pk>/resolve",
        publications.Resolve.as_view(),
        name="publication-resolve",
    ),
    path("v1/publications/<uuid:pk>/undo", publications.Undo.as_view(), name="publication-undo"),
    path("v1/publications/<uuid:pk>/again", publications.Again.as_view(), name="publication-again"),
    path(
        "v1/publications/<uuid:pk>/before", publications.Before.as_view(), name="publication-before"
    ),
    path("v1/batches/<uuid:batch>/undo", publications.UndoAll.as_view(), name="batch-undo"),
    path("v1/upcoming", schedules.Coming.as_view(), name="upcoming"),
    path("v1/schedules", schedules.Schedules.as_view(), name="schedules"),
    path("v1/schedules/draft", schedules.Drafts.as_view(), name="schedule-drafts"),
    path("v1/schedules/<uuid:pk>", schedules.One.as_view(), name="schedule"),
    path("v1/schedules/<uuid:pk>/upcoming", schedules.Upcoming.as_view(), name="schedule-upcoming"),
    path("v1/schedules/<uuid:pk>/pause", schedules.Pause.as_view(), name="schedule-pause"),
    path("v1/schedules/<uuid:pk>/resume", schedules.Resume.as_view(), name="schedule-resume"),
    path("v1/schedules/<uuid:pk>/skip", schedules.Skip.as_view(), name="schedule-skip"),
    path("v1/schedules/<uuid:pk>/run", schedules.RunNow.as_view(), name="schedule-run"),
    path("v1/runs", schedules.Runs.as_view(), name="runs"),
    path("v1/runs/<uuid:pk>", schedules.OneRun.as_view(), name="run"),
    path("v1/runs/<uuid:pk>/answer", schedules.Answer.as_view(), name="run-answer"),
    path("v1/webhooks", webhooks.Webhooks.as_view(), name="webhooks"),
    path("v1/webhooks/<uuid:pk>", webhooks.One.as_view(), name="webhook"),
    path("v1/webhooks/<uuid:pk>/test", webhooks.Test.as_view(), name="webhook-test"),
    path("v1/deliveries", webhooks.Deliveries.as_view(), name="deliveries"),
    path("v1/deliveries/<uuid:pk>/replay", webhooks.Replay.as_view(), name="delivery-replay"),
    path("v1/handoffs", handoffs.HandOffs.as_view(), name="handoffs"),
    path("v1/handoffs/<uuid:pk>", handoffs.One.as_view(), name="handoff"),
    path("v1/handoffs/<uuid:pk>/file", handoffs.HandOffFile.as_view(), name="handoff-file"),
    path("v1/handoffs/<uuid:pk>/done", handoffs.Done.as_view(), name="handoff-done"),
    path("v1/handoffs/<uuid:pk>/cancel", handoffs.Cancel.as_view(), name="handoff-cancel"),
    path("v1/handoffs/<uuid:pk>/name", handoffs.Name.as_view(), name="handoff-name"),
    path("v1/handoffs/<uuid:pk>/phone", handoffs.Phone.as_view(), name="handoff-phone"),
    path("v1/addresses", public_addresses.Addresses.as_view(), name="addresses"),
    path("v1/addresses/renew", public_addresses.Renew.as_view(), name="addresses-renew"),
    path("v1/addresses/card", public_addresses.Card.as_view(), name="addresses-card"),
    path("v1/calendar", public_addresses.Feed.as_view(), name="feed"),
    path("v1/calendar/renew", public_addresses.RenewFeed.as_view(), name="feed-renew"),
    re_path(r"^", catalog.Nowhere.as_view(), name="nowhere"),
]
