"""Note when this installation began to send check codes of twelve letters.

It changes no table. What Django keeps of every migration, when it ran, says which notices may carry a code of eight
letters: those sent before, by release 148511c (docs/adr/0039). So it is never squashed away or renamed.
"""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("notifications", "0026_rename_message_template")]
    operations: list = []
