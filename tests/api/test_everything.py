"""Everything a page can do, a program can do; what is left to pages is said here, and why."""

from branding.api.urls import urlpatterns
from branding.web.urls import urlpatterns as pages

# What a page answers to, and the operations that do the same.
SAME = {
    "photos": "photos",
    "photo": "photo",
    "photo_delete": "photo",
    "photo_turn": "photo-turn",
    "photo_untouched": "photo-untouched",
    "make": "renders looks",
    "sheets": "renders variants",
    "sheet": "render",
    "again": "render-again",
    "stop": "render-stop",
    "variant": "variant",
    "variant_keep": "variant",
    "variant_discard": "variant",
    "variant_restore": "variant",
    "variant_describe": "variant",
    "variant_delete": "variant",
    "variant_adjust": "variant-adjust",
    "variant_paint": "variant-paint painter",
    "variant_download": "variant-file",
    "zip": "variant-file variants",
    "compare": "variants variant-picture",
    "kit": "kit scenes",
    "kit_again": "kit-again",
    "profiles": "profiles places",
    "choose": "choices",
    "clear": "choice",
    "addresses": "addresses",
    "address_open": "addresses",
    "address_close": "addresses",
    "address_renew": "addresses-renew",
    "address_claim": "addresses",
    "address_release": "addresses",
    "address_emails": "addresses",
    "address_emails_ignore": "addresses",
    "address_card": "addresses-card",
    "send": "publications",
    "receipts": "publications publication",
    "undo_all": "batch-undo",
    "schedule_answer": "run-answer",
    "schedules": "schedules runs",
    "schedule_new": "schedules",
    "schedule_preview": "schedule-drafts",
    "this_month": "upcoming",
    "month": "upcoming",
    "feed_open": "feed",
    "feed_close": "feed",
    "feed_renew": "feed-renew",
    "run": "run",
    "schedule": "schedule",
    "schedule_now": "schedule-run",
    "schedule_act": "schedule-pause schedule-resume schedule-skip schedule",
    "changes": "publications",
    "publication_cancel": "publication-cancel",
    "publication_resolve": "publication-resolve",
    "publication_again": "publication-again",
    "publication_undo": "publication-undo",
    "before": "publication-before",
    "connection": "connections connection",
    "connection_look": "connection-look",
    "connection_portrait": "connection-portrait",
    "connection_end": "connection",
    "refresh": "refreshing",
    "refresh_review": "render",
    "refresh_yes": "refresh-accept",
    "handoff_begin": "handoffs",
    "handoff": "handoff handoff-file",
    "handoff_qr": "handoff-phone",
    "handoff_done": "handoff-done",
    "handoff_cancel": "handoff-cancel",
    "handoff_name": "handoff-name",
    "history": "renders choices",
    "account": "me",
    "webhooks": "webhooks deliveries",
    "webhook_remove": "webhook",
    "webhook_test": "webhook-test",
    "delivery_replay": "delivery-replay",
    "picture": "photo-picture variant-picture",
    "api": "schema",
}
SAFETY = "who may come in is decided by the person, signed in"
BROWSER = "the platform's own page asks the person in a browser"
PART = "a piece of a page that asks for itself; programs poll, or watch a render's events"
PUBLIC = "for anyone, without a token"
SCREEN = "what a person sees while they move something: the same is made and kept by an operation"
LEFT = {
    "home": PUBLIC,
    "sample_photo": PUBLIC,
    "sample": PUBLIC,
    "sample_start": PUBLIC,
    "scene": PUBLIC,
    "calendar": PUBLIC,
    "lent": PUBLIC,
    "avatar": PUBLIC,
    "avatar_named": PUBLIC,
    "avatar_hashed": PUBLIC,
    "webfinger": PUBLIC,
    "phone": PUBLIC,
    "phone_file": PUBLIC,
    "phone_done": PUBLIC,
    "connect_document": PUBLIC,
    "photo_card": PART,
    "progress": PART,
    "receipts_progress": PART,
    "handoff_news": PART,
    "hint": SCREEN,
    "variant_preview": SCREEN,
    "connect": BROWSER,
    "connect_platform": BROWSER,
    "connect_callback": BROWSER,
    "connect_wait": BROWSER,
    "tokens": SAFETY,
    "token_revoke": SAFETY,
    "session_end": SAFETY,
    "account_delete": SAFETY,
    "access_review": SAFETY,
    "applications": SAFETY,
    "application": SAFETY,
    "application_delete": SAFETY,
    "access_end": SAFETY,
}


def test_every_page_has_its_operation_or_a_reason():
    assert SAME.keys().isdisjoint(LEFT)
    assert {page.name for page in pages} == SAME.keys() | LEFT.keys()


def test_operations_that_are_named_exist():
    named = {name for names in SAME.values() for name in names.split()}
    known = {operation.name for operation in urlpatterns}
    assert named <= known
    # What only a program has a use for, and the answer for any other address.
    assert known - named == {"render-events", "schedule-upcoming", "unknown-path"}
