-- Take what a provider may be given now, of a number of messages that wait for it.
--
-- Parameters
--   gateway              text        the provider
--   wanted               int         messages that wait
--   rate                 float8      messages per second, NULL: no pace
--   cap                  int         messages of a day, NULL: no cap
--   burst                float8      seconds of its pace that it may be given at once
--   probed, probe        float8, int until it has accepted so many since it was dark, so many at a time
--   today                date        the day of Korea
-- Returns how many, the seconds until its breaker closes (0: it is closed), and whether its cap is used up.
WITH state AS (
    SELECT s.gateway, s.paused_until, greatest(0.0, date_part('epoch', s.paused_until - clock_timestamp())) AS dark,
        CASE WHEN s.day = %(today)s THEN s.given ELSE 0 END AS given,
        CASE WHEN %(rate)s::float8 IS NULL THEN 0.0 ELSE least(%(rate)s::float8 * %(burst)s, coalesce(s.allowance
            + %(rate)s::float8 * date_part('epoch', clock_timestamp() - s.allowed_at), %(rate)s::float8 * %(burst)s))
            END AS allowance,
        s.paused_until IS NOT NULL AND s.handed < %(probed)s AS probing
    FROM notifications_providerstate s WHERE s.gateway = %(gateway)s FOR UPDATE
), granted AS (
    SELECT state.*, CASE WHEN dark > 0 THEN 0 ELSE greatest(0, least(
        %(wanted)s::int,
        CASE WHEN %(rate)s::float8 IS NOT NULL THEN floor(allowance)::int END,
        %(cap)s::int - given,
        CASE WHEN probing THEN %(probe)s::int END
    )) END AS many
    FROM state
), taken AS (
    UPDATE notifications_providerstate s SET
        allowance = g.allowance - CASE WHEN %(rate)s::float8 IS NULL THEN 0 ELSE g.many END,
        allowed_at = clock_timestamp(),
        day = %(today)s,
        given = g.given + g.many
    FROM granted g WHERE s.gateway = g.gateway
)
SELECT many, coalesce(dark, 0.0), coalesce(given + many >= %(cap)s::int, false) FROM granted
