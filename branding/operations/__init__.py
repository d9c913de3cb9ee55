"""What an operator needs: health checks, metrics, logs, traces, backups and commands."""
