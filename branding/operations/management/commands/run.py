"""`manage.py run`: start all processes of an installation, until Ctrl-C."""

import sys
from contextlib import closing

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand

from branding.accounts.outbox import OutboxReader
from branding.operations import start_checks
from branding.supervisor import (
    ReadinessCheck,
    Supervisor,
    SupervisorError,
    build_processes,
    hold_data_lock,
    open_listener,
)
from headshots import network_files
from headshots.diffusion import setup as diffusion_setup
from headshots.diffusion import weights
from headshots.engine.errors import ModelMissing


class Command(BaseCommand):
    """Prepares the data folder and the database, then runs the supervisor."""

    help = "Start the page, the worker and the clock; Ctrl-C ends all of them."
    requires_system_checks = ()  # they would load the pages, which only the web process needs

    def handle(self, **_: object) -> None:
        """Run until a signal arrives; exit with a message if that is impossible."""
        try:
            network_files.require_installed()
            with hold_data_lock(settings.DATA_DIR):
                start_checks.require_usable_installation()
                self.run_installation()
        except ModelMissing as error:
            sys.exit(f"Facet cannot start. {error.message}\n{error.advice}")
        except SupervisorError as error:
            sys.exit(f"Facet stops: {error}.")
        except KeyboardInterrupt:
            pass  # before anything was started
        self.print_line("Facet has ended.")

    def run_installation(self) -> None:
        """Prepare the installation, then start and supervise its processes."""
        with closing(open_listener(settings.HOST, settings.PORT)) as listener:
            port = listener.getsockname()[1]
            address = settings.SITE_URL.replace(f":{settings.PORT}", f":{port}")
            self.print_line("Facet: preparing the database and the pages …")
            _prepare_installation()
            self.print_line("Facet: starting the page, the worker and the clock …")
            outbox_reader = OutboxReader()
            readiness = ReadinessCheck(
                listener, lambda: self.print_line(f"Facet is ready: {address}  (Ctrl-C ends it)")
            )

            def check_progress() -> None:
                readiness.check_readiness()
                for line in outbox_reader.summarize_new_emails():
                    self.print_line(line)

            with_diffusion = diffusion_setup.is_possible() and bool(weights.installed_tiers())
            Supervisor(
                build_processes(listener, with_diffusion=with_diffusion), self.print_line
            ).run(check_progress)

    def print_line(self, line: str) -> None:
        """Print a line at once."""
        self.stdout.write(line)
        self.stdout.flush()


def _prepare_installation() -> None:
    """Create the keys if they are missing, and bring the database and static files up to date."""
    for secret in (settings.SECRET_KEY, settings.VAULT_KEY):
        str(secret)  # it is created when it is read
    call_command("migrate", interactive=False, verbosity=0)
    call_command("clearsessions")
    call_command("collectstatic", interactive=False, verbosity=0)
