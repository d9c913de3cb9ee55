"""The tables of django-oauth-toolkit come now, while few models hang on an account.

Its migrations change some sixty labels, and Django renders every model that hangs on an account
anew for each: two seconds of a newcomer's first start if they came last.
"""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("api", "0002_applications"),
        ("oauth2_provider", "0022_refreshtoken_token_family_index"),
    ]
