"""Every URL of the project, found by walking the resolver, with arguments from one person's rows.

A URL pattern with arguments needs an entry here: whoever adds one has to think of a stranger who
tries it.
"""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.urls import get_resolver, reverse
from django.utils import timezone

from branding.advice.models import AdviceSettings, ScheduleProposal
from branding.api.services import create_token, register_application
from branding.juries.services import start_jury
from branding.webhooks.models import Delivery
from branding.webhooks.services import create_webhook
from integrations.avatars import services as avatar_services
from integrations.capabilities import list_capabilities
from integrations.models import AvatarAddress, Backup, Connection, Publication, Run
from integrations.publishing import choices, handoffs
from integrations.recurrence import Rule, Unit
from integrations.scheduling import services as scheduling_services
from integrations.scheduling.services import ScheduleSpec
from tests.support.people import grant_access, jpeg, patches, photo_of, sheet_of


@dataclass(frozen=True)
class Address:
    """A URL pattern by name, with the names of its arguments."""

    name: str
    arguments: tuple[str, ...]


def every_address(patterns=None, space="", above=()):
    """Every URL pattern of the project, those of installed packages too."""
    addresses = []
    for pattern in patterns or get_resolver().url_patterns:
        arguments = (*above, *pattern.pattern.regex.groupindex)
        if hasattr(pattern, "url_patterns"):
            inner = f"{space}{pattern.namespace}:" if pattern.namespace else space
            addresses += every_address(pattern.url_patterns, inner, arguments)
        else:
            addresses.append(Address(f"{space}{pattern.name}", arguments))
    return addresses


# Arguments that name nothing of a person's.
PUBLIC = {
    "web:connect_platform": [{"slug": row.slug} for row in list_capabilities()],
    "web:connect_callback": [{"slug": row.slug} for row in list_capabilities()],
    "web:connect_wait": [{"slug": "nextcloud"}],
    "web:sample": [{"look": "linkedin"}],
    "web:month": [{"year": timezone.now().year, "number": 1}],
    "web:lent": [{"token": "guessed-by-a-stranger", "form": "jpeg"}],
    "web:avatar_hashed": [
        {"digest": "0" * 32},
        {"digest": "A" * 64},
        {"digest": "0" * 32, "suffix": ".jpg"},
    ],
    "web:garment": [{"slug": "blazer"}],
    "web:scene": [{"slug": "cafe", "mood": "morning"}],
}
# Links that only an e-mail or a QR code contains; here with guessed tokens.
LINKS_WITH_TOKENS = {
    "web:phone": [{"token": "Zm9yZ2Vk:1abcde:guessed"}],
    "web:phone_file": [{"token": "Zm9yZ2Vk:1abcde:guessed"}],
    "web:phone_done": [{"token": "Zm9yZ2Vk:1abcde:guessed"}],
    "account_confirm_email": [{"key": "MQ:1abcde:guessed"}],
    "web:schedule_answer": [{"token": "guessed-by-a-stranger"}],
    "web:proof": [{"token": "guessed-by-a-stranger"}],
    "web:proof_picture": [{"token": "guessed-by-a-stranger"}],
    "web:proof_badge": [{"token": "guessed-by-a-stranger"}],
    "web:jury_vote": [{"token": "guessed-by-a-stranger"}],
    "web:jury_picture": [{"token": "guessed-by-a-stranger", "position": 0}],
    "web:notices_link": [{"token": "guessed-by-a-stranger"}],
    "web:calendar": [{"token": "guessed-by-a-stranger"}],
    "account_reset_password_from_key": [{"uidb36": "1", "key": "guessed-by-a-stranger"}],
}


def backup_of(connection):
    """A picture that hung there before."""
    backup = Backup(connection=connection, digest="a", portrait=jpeg(patches(3)))
    backup.seal({"data": ""})
    backup.save()
    return backup


class Belongings:
    """One of everything that a person can own, and the arguments that name it."""

    def __init__(self, owner):
        self.owner = owner
        self.photo = photo_of(owner, seed=owner.pk, professional=True)
        self.render = sheet_of(owner, self.photo, count=3)
        self.variant = self.render.variants.first()
        self.waiting = sheet_of(owner, self.photo, count=1, state="waiting").variants.get()
        self.jury = start_jury(owner, list(self.render.variants.all()), "Who would you hire?")
        choices.choose_variant(self.variant, ["linkedin", "avatar"])
        self.handoff = handoffs.begin_handoff(self.variant, "github")
        self.refresh = sheet_of(owner, self.photo, count=1, kind="refresh")
        self.refresh.variants.update(parent=self.variant)
        avatar_services.open_address(owner)
        avatar_services.close_address(owner)
        avatar_services.claim_public_name(owner, f"walker-{owner.pk}", [])
        self.address = AvatarAddress.objects.get(owner=owner)
        self.own = {
            "jury_start": {"pk": self.render.pk},
            "avatar": {"token": self.address.token},
            "avatar_named": {"name": self.address.name, "place": "linkedin"},
        }
        self.proposal = ScheduleProposal.objects.create(
            owner=owner,
            kind="talk",
            first_day=timezone.now().date() + timedelta(days=20),
            last_day=timezone.now().date() + timedelta(days=21),
        )
        self.session = UserSession.objects.create(
            user=owner, ip="127.0.0.1", user_agent="Phone", session_key=f"phone of {owner.pk}"
        )
        self.token, _ = create_token(owner, "backup", scopes=["read"])
        self.application, _ = register_application(
            owner,
            f"Diary of {owner.pk}",
            website="https://diary.example",
            redirects=["https://diary.example/back"],
            is_confidential=True,
        )
        grant_access(owner, self.application)
        self.connection = Connection.objects.create(
            owner=owner,
            slug="mastodon",
            server="https://a.example",
            account_id=f"account-{owner.pk}",
            account_name=f"@account-{owner.pk}",
            portrait=jpeg(patches(4)),
        )
        self.own["profile_headshot"] = {"key": self.connection.pk}
        self.publication = Publication.objects.create(
            owner=owner,
            connection=self.connection,
            place="mastodon",
            variant=self.variant,
            key=f"once-{owner.pk}",
            before=backup_of(self.connection),
            sent_at=timezone.now(),
        )
        self.schedule = scheduling_services.create_schedule(
            owner, ScheduleSpec("every", Rule(datetime(2030, 1, 1, 9), "UTC", Unit.DAY))
        )
        self.run = Run.objects.create(
            schedule=self.schedule, due_at=timezone.now(), planned_at=timezone.now()
        )
        self.webhook, _ = create_webhook(owner, "https://example.org/hook", ["render.finished"])
        self.delivery = Delivery.objects.create(
            webhook=self.webhook, key="once", event="render.finished", payload="{}"
        )
        self.choice = owner.choices.filter(current=True).first()
        AdviceSettings.objects.create(
            owner=owner, role="lawyer", audiences=["clients"], country="DE"
        )
        self.key = Authenticator.objects.create(
            user=owner, type=Authenticator.Type.WEBAUTHN, data={"name": "my key", "credential": {}}
        )

    def open_addresses(self):
        """Show strangers everything that can be shown."""
        avatar_services.open_address(self.owner)
        avatar_services.claim_public_name(self.owner, self.address.name, ["linkedin"])

    def fill(self, address):
        """Return arguments from this person's rows for an address; KeyError without an entry."""
        if not address.arguments:
            return [{}]
        if address.name in PUBLIC or address.name in LINKS_WITH_TOKENS:
            return (PUBLIC | LINKS_WITH_TOKENS)[address.name]
        view = address.name.partition(":")[2] or address.name
        if view == "picture":
            names = (self.photo.picture, self.variant.picture)
            return [{"name": name, "size": size} for name in names for size in ("160", "full")]
        if view in self.own:
            return [self.own[view]]
        if address.arguments == ("batch",):
            return [{"batch": self.publication.batch}]
        if address.arguments == ("pk", "verb"):
            return [{"pk": self.schedule.pk, "verb": verb} for verb in ("pause", "end")]
        if address.arguments != ("pk",):
            raise KeyError(f"say in tests/support/urls.py what fills {address}")
        return [{"pk": pk} for pk in self._object_ids(view)]

    def _object_ids(self, view):
        objects_by_view = {
            "jury": self.jury,
            "proposal": self.proposal,
            "token": self.token,
            "application": self.application,
            "access": self.application,
            "choice": self.choice,
            "connection": self.connection,
            "webhook": self.webhook,
            "delivery": self.delivery,
            "schedule": self.schedule,
            "run": self.run,
            "handoff": self.handoff,
            "publication": self.publication,
            "before": self.publication,
            "photo": self.photo,
            "variant": self.variant,
            "refresh": self.refresh,
            "mfa": self.key,
            "session": self.session,
        }
        owned_object = objects_by_view.get(re.split("[_-]", view)[0])
        if owned_object is None and view.split("-")[0] not in (
            "sheet",
            "progress",
            "again",
            "stop",
            "render",
        ):
            raise KeyError(f"say in tests/support/urls.py what fills {view}")
        return (
            [owned_object.pk]
            if owned_object is not None
            else [self.render.pk, self.waiting.render_id]
        )

    def urls(self, address):
        """Return the URLs of an address with this person's rows."""
        return [reverse(address.name, kwargs=arguments) for arguments in self.fill(address)]

    def secrets(self):
        """Return every text that no page of another person may show."""
        things = (self.photo, self.render, self.variant, self.waiting, self.refresh)
        return {
            str(self.connection.pk),
            self.connection.account_name,
            *(str(thing.pk) for thing in things),
            self.photo.picture,
            self.variant.picture,
            str(self.handoff.pk),
            str(self.application.pk),
            self.application.client_id,
            str(self.jury.pk),
            self.jury.token,
            self.address.token,
            self.address.name,
            self.owner.email,
        }


def urls_of_operation(path, belongings):
    """Return the URLs of an operation of the API, by its path in the schema, for one person."""
    pattern = re.compile(re.sub(r"{\w+}", "[^/]+", path))
    urls = [
        url
        for address in every_address()
        if address.name.startswith("api:") and len(address.arguments) == path.count("{")
        for url in belongings.urls(address)
    ]
    return [url for url in urls if pattern.fullmatch(url)]
