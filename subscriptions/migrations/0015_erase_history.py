from django.db import migrations

# The application may only add to the history of choices. This function of the owner removes it, and only of rows that
# are erased (or gone) already: a stolen role of the application rewrites no history by it.
FUNCTION = """
CREATE FUNCTION subscriptions_erase_history(people uuid[]) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    erased uuid[] := ARRAY(
        SELECT p FROM unnest(people) p
        WHERE NOT EXISTS (SELECT FROM subscriptions_citizen c WHERE c.id = p AND c.state <> 'erased')
    );
BEGIN
    DELETE FROM subscriptions_contactevent WHERE citizen_id = ANY(erased);
    DELETE FROM subscriptions_channelchoiceevent WHERE citizen_id = ANY(erased);
    DELETE FROM subscriptions_subscriptionevent WHERE citizen_id = ANY(erased);
    DELETE FROM subscriptions_consentevent WHERE citizen_id = ANY(erased);
    DELETE FROM subscriptions_citizenevent WHERE id = ANY(erased);
END $$;
"""


class Migration(migrations.Migration):
    """Let the erasure of a person remove the history of their choices."""

    dependencies = [("subscriptions", "0014_erase_what_ended")]

    operations = [migrations.RunSQL(FUNCTION, "DROP FUNCTION subscriptions_erase_history(uuid[])")]
