"""URLs of the API and of its schema."""

from django.urls import path, re_path

from branding.api.account import caller, kit, webhooks
from branding.api.headshots import (
    catalog,
    diffusion,
    juries,
    recognition,
    render_events,
    renders,
    variants,
    verification,
)
from branding.api.photos import photos
from branding.api.profiles import advice, advice_settings, profiles, public_addresses
from branding.api.publishing import handoffs, publications, refreshes
from branding.api.schedules import schedules
from branding.api.views import UNKNOWN_PATH, UnknownPath

app_name = "api"
urlpatterns = [
    path("schema/", catalog.SchemaView.as_view(), name="schema"),
    path("v1/me", caller.CallerDetail.as_view(), name="me"),
    path("v1/export", caller.AccountExport.as_view(), name="export"),
    path("v1/looks", catalog.LookList.as_view(), name="looks"),
    path("v1/scenes", catalog.SceneList.as_view(), name="scenes"),
    path("v1/photos", photos.PhotoList.as_view(), name="photos"),
    path("v1/photos/<uuid:pk>", photos.PhotoDetail.as_view(), name="photo"),
    path("v1/photos/<uuid:pk>/picture", photos.PhotoPicture.as_view(), name="photo-picture"),
    path("v1/photos/<uuid:pk>/turn", photos.PhotoTurn.as_view(), name="photo-turn"),
    path("v1/photos/<uuid:pk>/untouched", photos.PhotoUntouched.as_view(), name="photo-untouched"),
    path("v1/renders", renders.RenderList.as_view(), name="renders"),
    path("v1/renders/<uuid:pk>", renders.RenderDetail.as_view(), name="render"),
    path("v1/renders/<uuid:pk>/again", renders.RenderRetry.as_view(), name="render-again"),
    path("v1/renders/<uuid:pk>/stop", renders.RenderStop.as_view(), name="render-stop"),
    path("v1/renders/<uuid:pk>/events", render_events.RenderEvents.as_view(), name="render-events"),
    path("v1/variants", variants.VariantList.as_view(), name="variants"),
    path("v1/variants/<uuid:pk>", variants.VariantDetail.as_view(), name="variant"),
    path(
        "v1/variants/<uuid:pk>/picture", variants.VariantPicture.as_view(), name="variant-picture"
    ),
    path("v1/variants/<uuid:pk>/file", variants.VariantFile.as_view(), name="variant-file"),
    path(
        "v1/variants/<uuid:pk>/recognition",
        recognition.VariantRecognition.as_view(),
        name="variant-recognition",
    ),
    path("v1/variants/<uuid:pk>/adjust", variants.VariantAdjust.as_view(), name="variant-adjust"),
    path("v1/variants/<uuid:pk>/paint", diffusion.VariantDiffusion.as_view(), name="variant-paint"),
    path("v1/juries", juries.JuryList.as_view(), name="juries"),
    path("v1/juries/<uuid:pk>", juries.JuryDetail.as_view(), name="jury"),
    path("v1/juries/<uuid:pk>/end", juries.JuryEnd.as_view(), name="jury-end"),
    path("v1/verify", verification.PictureVerification.as_view(), name="verify"),
    path("v1/painter", diffusion.DiffusionDetail.as_view(), name="painter"),
    path("v1/refresh", refreshes.RefreshStart.as_view(), name="refreshing"),
    path("v1/refresh/<uuid:pk>/accept", refreshes.RefreshAccept.as_view(), name="refresh-accept"),
    path("v1/kit/again", kit.KitRerender.as_view(), name="kit-again"),
    path("v1/kit", kit.KitDetail.as_view(), name="kit"),
    path("v1/places", profiles.PlaceList.as_view(), name="places"),
    path("v1/profiles", profiles.ProfileList.as_view(), name="profiles"),
    path("v1/advice", advice.AdviceList.as_view(), name="advice"),
    path(
        "v1/advice/settings",
        advice_settings.AdviceSettingsDetail.as_view(),
        name="advice-settings",
    ),
    path("v1/choices", profiles.ChoiceList.as_view(), name="choices"),
    path("v1/choices/<int:pk>", profiles.ChoiceDetail.as_view(), name="choice"),
    path("v1/connections", profiles.ConnectionList.as_view(), name="connections"),
    path("v1/connections/<uuid:pk>", profiles.ConnectionDetail.as_view(), name="connection"),
    path(
        "v1/connections/<uuid:pk>/look", profiles.ConnectionCheck.as_view(), name="connection-look"
    ),
    path(
        "v1/connections/<uuid:pk>/portrait",
        profiles.ConnectionPortrait.as_view(),
        name="connection-portrait",
    ),
    path("v1/publications", publications.PublicationList.as_view(), name="publications"),
    path("v1/publications/<uuid:pk>", publications.PublicationDetail.as_view(), name="publication"),
    path(
        "v1/publications/<uuid:pk>/cancel",
        publications.PublicationCancel.as_view(),
        name="publication-cancel",
    ),
    path(
        "v1/publications/<uuid:pk>/resolve",
        publications.PublicationResolve.as_view(),
        name="publication-resolve",
    ),
    path(
        "v1/publications/<uuid:pk>/undo",
        publications.PublicationUndo.as_view(),
        name="publication-undo",
    ),
    path(
        "v1/publications/<uuid:pk>/again",
        publications.PublicationRetry.as_view(),
        name="publication-again",
    ),
    path(
        "v1/publications/<uuid:pk>/before",
        publications.PublicationReplacedPicture.as_view(),
        name="publication-before",
    ),
    path("v1/batches/<uuid:batch>/undo", publications.BatchUndo.as_view(), name="batch-undo"),
    path("v1/upcoming", schedules.UpcomingRunList.as_view(), name="upcoming"),
    path("v1/schedules", schedules.ScheduleList.as_view(), name="schedules"),
    path("v1/schedules/draft", schedules.ScheduleDraft.as_view(), name="schedule-drafts"),
    path("v1/schedules/<uuid:pk>", schedules.ScheduleDetail.as_view(), name="schedule"),
    path(
        "v1/schedules/<uuid:pk>/upcoming",
        schedules.ScheduleUpcomingRuns.as_view(),
        name="schedule-upcoming",
    ),
    path("v1/schedules/<uuid:pk>/pause", schedules.SchedulePause.as_view(), name="schedule-pause"),
    path(
        "v1/schedules/<uuid:pk>/resume", schedules.ScheduleResume.as_view(), name="schedule-resume"
    ),
    path("v1/schedules/<uuid:pk>/skip", schedules.ScheduleSkip.as_view(), name="schedule-skip"),
    path("v1/schedules/<uuid:pk>/run", schedules.ScheduleRunNow.as_view(), name="schedule-run"),
    path("v1/runs", schedules.RunList.as_view(), name="runs"),
    path("v1/runs/<uuid:pk>", schedules.RunDetail.as_view(), name="run"),
    path("v1/runs/<uuid:pk>/answer", schedules.RunAnswer.as_view(), name="run-answer"),
    path("v1/webhooks", webhooks.WebhookList.as_view(), name="webhooks"),
    path("v1/webhooks/<uuid:pk>", webhooks.WebhookDetail.as_view(), name="webhook"),
    path("v1/webhooks/<uuid:pk>/test", webhooks.WebhookTest.as_view(), name="webhook-test"),
    path("v1/deliveries", webhooks.DeliveryList.as_view(), name="deliveries"),
    path(
        "v1/deliveries/<uuid:pk>/replay", webhooks.DeliveryReplay.as_view(), name="delivery-replay"
    ),
    path("v1/handoffs", handoffs.HandOffList.as_view(), name="handoffs"),
    path("v1/handoffs/<uuid:pk>", handoffs.HandOffDetail.as_view(), name="handoff"),
    path("v1/handoffs/<uuid:pk>/file", handoffs.HandOffFileDownload.as_view(), name="handoff-file"),
    path("v1/handoffs/<uuid:pk>/done", handoffs.HandOffDone.as_view(), name="handoff-done"),
    path("v1/handoffs/<uuid:pk>/cancel", handoffs.HandOffCancel.as_view(), name="handoff-cancel"),
    path("v1/handoffs/<uuid:pk>/name", handoffs.HandOffName.as_view(), name="handoff-name"),
    path("v1/handoffs/<uuid:pk>/phone", handoffs.HandOffPhoneLink.as_view(), name="handoff-phone"),
    path("v1/addresses", public_addresses.PublicAddressDetail.as_view(), name="addresses"),
    path(
        "v1/addresses/renew", public_addresses.PublicAddressRenew.as_view(), name="addresses-renew"
    ),
    path("v1/addresses/card", public_addresses.ContactCard.as_view(), name="addresses-card"),
    path("v1/calendar", public_addresses.CalendarFeedDetail.as_view(), name="feed"),
    path("v1/calendar/renew", public_addresses.CalendarFeedRenew.as_view(), name="feed-renew"),
    re_path(r"^", UnknownPath.as_view(), name=UNKNOWN_PATH),
]
