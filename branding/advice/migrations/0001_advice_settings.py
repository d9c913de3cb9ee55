"""For whom a person wants to be seen, and proposed schedules from a calendar."""

import django.db.models.deletion
import uuid
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='AdviceSettings',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('role', models.CharField(max_length=40)),
                ('audiences', models.JSONField(default=list)),
                ('country', models.CharField(blank=True, max_length=2)),
                ('dress', models.CharField(blank=True, choices=[('', 'not said'), ('suit', 'A suit, or other formal clothes'), ('smart', 'Smart clothes'), ('casual', 'Everyday clothes'), ('uniform', 'The clothes of my job')], max_length=10)),
                ('taken_by', models.CharField(blank=True, choices=[('', 'not said'), ('selfie', "Me, from arm's length"), ('other', 'Someone else, or a timer, from two steps away')], max_length=10)),
                ('own_weights', models.JSONField(null=True)),
                ('replaced_choices', models.JSONField(editable=False, null=True)),
                ('owner', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='advice_settings', to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.CreateModel(
            name='ScheduleProposal',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('kind', models.CharField(choices=[('talk', 'a talk or a conference'), ('interview', 'an interview'), ('launch', 'a launch'), ('holiday', 'a holiday')], max_length=10)),
                ('first_day', models.DateField()),
                ('last_day', models.DateField()),
                ('owner', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='schedule_proposals', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['first_day', 'kind'],
                'constraints': [models.UniqueConstraint(fields=('owner', 'kind', 'first_day'), name='schedule_proposal_once')],
            },
        ),
    ]
