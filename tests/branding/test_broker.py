"""The folder of messages: each arrives once, whole, in order, and nobody else can read it."""

import threading
from queue import Empty

import pytest
from kombu import Connection

from branding import celery_app
from branding.broker import Transport

READERS, MESSAGES = 4, 200


@pytest.fixture
def open_channel(tmp_path):
    """Opens channels to the same folder, as processes would."""
    opened = []

    def opening():
        connection = Connection(
            transport=Transport, transport_options={"folder": str(tmp_path / "broker")}
        )
        opened.append(connection)
        return connection.channel()

    yield opening
    for connection in opened:
        connection.release()


def test_messages_come_in_order_and_leave_nothing(open_channel, tmp_path):
    channel = open_channel()
    for number in range(3):
        channel._put("celery", {"number": number})
    assert channel._size("celery") == 3
    assert [channel._get("celery")["number"] for _ in range(3)] == [0, 1, 2]
    with pytest.raises(Empty):
        channel._get("celery")
    assert list((tmp_path / "broker").iterdir()) == []
    assert (tmp_path / "broker").stat().st_mode & 0o777 == 0o700


def test_long_queue_is_not_listed_for_each_message(open_channel, monkeypatch):
    channel, listed = open_channel(), []
    for number in range(100):
        channel._put("celery", {"number": number})
    list_files = channel._queued_files
    monkeypatch.setattr(
        channel, "_queued_files", lambda queue: listed.append(queue) or list_files(queue)
    )
    assert [channel._get("celery")["number"] for _ in range(100)] == list(range(100))
    assert len(listed) == 1


def test_queues_do_not_mix(open_channel):
    channel = open_channel()
    channel._put("other", {})
    assert channel._size("celery") == 0 and channel._purge("other") == 1


def test_many_readers_get_each_message_once_and_whole(open_channel):
    received, writer = [], open_channel()

    def read(channel):
        while len(received) < MESSAGES:
            try:
                received.append(channel._get("celery")["number"])
            except Empty:
                continue

    readers = [threading.Thread(target=read, args=(open_channel(),)) for _ in range(READERS)]
    for reader in readers:
        reader.start()
    for number in range(MESSAGES):
        writer._put("celery", {"number": number, "padding": "x" * 5000})
    for reader in readers:
        reader.join(20)
    assert sorted(received) == list(range(MESSAGES))


def test_celery_speaks_json_through_it_and_keeps_no_results():
    assert celery_app.conf.broker_url == "folder://localhost"
    assert celery_app.conf.accept_content == ["json"]
    assert celery_app.conf.task_ignore_result and celery_app.conf.task_acks_late


def test_tasks_have_the_names_of_their_functions_and_the_clock_knows_them():
    celery_app.loader.import_default_modules()
    for module in ("headshots.tasks", "headshots.diffusion_tasks"):
        celery_app.loader.import_task_module(module)
    packages = ("branding.", "headshots.", "integrations.")
    ours = [task for task in celery_app.tasks.values() if task.run.__module__.startswith(packages)]
    names = {task.run.__module__.split(".")[-2] + "." + task.run.__name__ for task in ours}
    assert {task.name for task in ours} == names
    assert {entry["task"] for entry in celery_app.conf.beat_schedule.values()} <= names
