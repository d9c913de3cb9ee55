"""Few uploads are decoded at once, and one account cannot take all the places."""

import threading

import pytest

from headshots.errors import TooManyAtOnce, WorkerBusy
from headshots.services import upload_slots
from headshots.services.upload_slots import MAX_UPLOADS, upload_slot
from tests.support.processes import wait_until


class Uploads:
    """Uploads in threads of their own, which end when they are told."""

    def __init__(self):
        self.over, self.refused, self.inside, self.most_inside = threading.Event(), [], 0, 0
        self.threads = []

    def start(self, owner, count):
        for _ in range(count):
            thread = threading.Thread(target=self.upload, args=[owner])
            thread.start()
            self.threads.append(thread)

    def upload(self, owner):
        try:
            with upload_slot(owner):
                self.inside += 1
                self.most_inside = max(self.most_inside, self.inside)
                self.over.wait(10)
                self.inside -= 1
        except TooManyAtOnce as error:
            self.refused.append(error)

    def finish(self):
        self.over.set()
        for thread in self.threads:
            thread.join()


@pytest.fixture
def uploads():
    running = Uploads()
    yield running
    running.finish()


def test_one_account_is_refused_and_another_gets_its_turn(uploads):
    uploads.start("mallory", 20)
    uploads.start("alice", 1)
    uploads.finish()
    assert len(uploads.refused) >= 20 - MAX_UPLOADS
    assert uploads.most_inside == upload_slots.DECODERS
    with upload_slot("mallory"):  # all places are free again
        pass


def test_account_with_many_uploads_waits_behind_another():
    order, everybody_waits = [], threading.Event()

    def upload(owner):
        with upload_slot(owner):
            everybody_waits.wait(30)
            order.append(owner)

    names = ["mallory"] * MAX_UPLOADS + ["alice"]
    threads = [threading.Thread(target=upload, args=[name]) for name in names]
    for thread in threads:
        thread.start()
    count_uploads = upload_slots.decoding_places.count_uploads
    wait_until(lambda: (count_uploads("mallory"), count_uploads("alice")) == (MAX_UPLOADS, 1))
    everybody_waits.set()
    for thread in threads:
        thread.join()
    assert order.index("alice") <= 2, "behind one that is decoded, and one whose turn came before"


def test_who_waits_too_long_is_told_so(monkeypatch):
    monkeypatch.setattr(upload_slots, "WAIT_SECONDS", 0.01)
    with upload_slot("mallory"), pytest.raises(WorkerBusy), upload_slot("alice"):
        pass


def test_refused_picture_gives_its_place_back():
    for _ in range(MAX_UPLOADS + 1):
        with pytest.raises(ValueError, match="damaged"), upload_slot("alice"):
            raise ValueError("damaged")
