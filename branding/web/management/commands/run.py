"""`manage.py run`: start all processes of an installation, until Ctrl-C."""

import sys
from contextlib import closing

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand

from branding.accounts.outbox import Postman
from branding.supervisor import Door, Supervisor, SupervisorError, children, listen, only_one
from headshots import diffusion_pipeline, weights


class Command(BaseCommand):
    """Prepares the data folder and the database, then runs the supervisor."""

    help = "Start the page, the worker and the clock; Ctrl-C ends all of them."
    requires_system_checks = ()  # they would load the pages, which only the web process needs

    def handle(self, **_: object) -> None:
        """Run until a signal arrives; exit with a message if that is impossible."""
        try:
            with only_one(settings.DATA_DIR):
                self.run_all()
        except SupervisorError as error:
            sys.exit(f"Facet stops: {error}.")
        except KeyboardInterrupt:
            pass  # before anything was started
        self.say("Facet has ended.")

    def run_all(self) -> None:
        """Prepare the installation, then start and supervise its processes."""
        with closing(listen(settings.HOST, settings.PORT)) as listener:
            port = listener.getsockname()[1]
            address = settings.SITE_URL.replace(f":{settings.PORT}", f":{port}")
            self.say("Facet: preparing the database and the pages …")
            for made_at_first_use in (settings.SECRET_KEY, settings.VAULT_KEY):
                str(made_at_first_use)
            call_command("migrate", interactive=False, verbosity=0)
            call_command("clearsessions")
            call_command("collectstatic", interactive=False, verbosity=0)
            self.say("Facet: starting the page, the worker and the clock …")
            postman = Postman()
            door = Door(listener, lambda: self.say(f"Facet is ready: {address}  (Ctrl-C ends it)"))

            def glance() -> None:
                door.knock()
                for line in postman.news():
                    self.say(line)

            paints = diffusion_pipeline.is_possible() and bool(weights.installed())
            Supervisor(children(listener, paints=paints), self.say).run(glance)

    def say(self, line: str) -> None:
        """Print a line at once."""
        self.stdout.write(line)
        self.stdout.flush()
