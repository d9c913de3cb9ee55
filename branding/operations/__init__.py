"""Running it for real: health, metrics, logs that follow a request, backup and moving house."""
