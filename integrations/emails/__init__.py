"""E-mails about connections, publications and schedules, and how each e-mail is built."""
