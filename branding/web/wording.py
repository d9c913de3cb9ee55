"""How pages word the codes of models and services: one sentence for each, in one place."""

from collections.abc import Mapping
from typing import Any, Final

from django.utils.translation import gettext_lazy as _

from integrations.models import HandOff, Publication, Run, Schedule
from integrations.publication_states import State

PUBLICATION_STATES: Final[Mapping[str, Any]] = {
    State.SCHEDULED: _("scheduled"),
    State.READY: _("waiting"),
    State.SENDING: _("sending"),
    State.PROCESSING: _("being accepted"),
    State.PROPAGATING: _("waiting until it shows"),
    State.UNCERTAIN: _("being checked"),
    State.BLOCKED: _("action needed"),
    State.PUBLISHED: _("verified"),
    State.FAILED: _("could not be updated"),
    State.CANCELLED: _("cancelled"),
}
MARKED_BY_PERSON: Final = _("marked done by you")

# The checks of a photo, most of which ISO/IEC 29794-5 names.
CHECKS: Final[Mapping[str, Any]] = {
    "under_exposure": _("Too dark"),
    "over_exposure": _("Burnt out"),
    "motion_blur": _("Blur of movement"),
    "sharpness": _("Sharpness"),
    "original_photo": _("Photo of a picture or screen"),
    "mouth_visible": _("Mouth visible"),
    "nose_visible": _("Nose visible"),
    "eyes_visible": _("Eyes visible"),
    "glasses_without_glare": _("Reflections on glasses"),
    "eyes_open": _("Eyes open"),
    "living_person": _("A living person"),
    "colourful": _("Colour"),
    "natural_colour": _("Colour cast"),
    "inter_eye_distance": _("Distance between the eyes"),
    "head_pose_yaw": _("Head turned"),
    "head_pose_pitch": _("Head raised or lowered"),
    "head_pose_roll": _("Head tilted"),
    "face_in_frame": _("Face inside the picture"),
    "illumination_uniformity": _("Even light"),
    "backlight": _("Light from behind"),
    "dynamic_range": _("Contrast"),
    "noise": _("Noise"),
    "gaze": _("Look into the camera"),
    "mouth_closed": _("Mouth closed"),
    "single_face": _("One face"),
    "head_room": _("Space above the head"),
    "shoulders_visible": _("Shoulders visible"),
    "camera_subject_distance": _("Distance of the camera"),
}

SCHEDULE_KINDS: Final[Mapping[str, Any]] = {
    Schedule.Kind.DATE: _("On a date"),
    Schedule.Kind.EVERY: _("Repeating"),
    Schedule.Kind.ROTATION: _("Rotating headshots"),
    Schedule.Kind.PHOTO: _("After each new photo"),
}

RUN_STATES: Final[Mapping[str, Any]] = {
    Run.State.WAITING: _("About to start"),
    Run.State.MAKING: _("Making the headshots"),
    Run.State.ASKING: _("Waiting for your approval"),
    Run.State.SENT: _("Done"),
    Run.State.SKIPPED: _("Skipped"),
    Run.State.FAILED: _("Could not be sent"),
}


def word_publication(publication: Publication) -> Any:
    """Return the state of a publication in words; one that the person confirmed says so."""
    is_confirmed = publication.handoff and publication.handoff.state == HandOff.State.DONE
    if is_confirmed and publication.state == State.PUBLISHED:
        return MARKED_BY_PERSON
    return PUBLICATION_STATES[publication.state]


def name_schedule(schedule: Schedule) -> Any:
    """Return the name that the person gave to a schedule, else what kind it is."""
    return schedule.name or SCHEDULE_KINDS[schedule.kind]
