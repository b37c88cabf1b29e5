-- Read one page of a person's notices, the newest first.
--
-- First which notices, along the index of the person's own; then a few look-ups for each of them. Locks nothing.
--
-- Parameters
--   citizen              uuid
--   before               bigint      only notices older than this one
--   kind                 text        code of a data type, where the filter is one
--   most                 int         rows
-- Fragments
--   around               a notice's stage, record, data type, agency and whether it was opened; `theirs.now`: whether the
--                        record is about the person now (citizens/inbox/notices.py)
--   picked               rows of theirs that the filter leaves, with what it joins (citizens/inbox/notices.py)
-- Returns the columns of `Row`.
WITH picked AS MATERIALIZED (
    SELECT n.* FROM {picked} AND n.citizen_id = %(citizen)s AND n.id < %(before)s ORDER BY n.id DESC LIMIT %(most)s
)
SELECT n.id, n.state, n.reason, n.created_at, n.not_before, st.label_ko, st.label_en,
    coalesce(dt.live_version_id, st.version_id), dt.payable, r.id, r.state,
    CASE WHEN theirs.now THEN r.payload_encrypted END, CASE WHEN theirs.now THEN r.told_encrypted END,
    r.external_id, a.code, theirs.now, rd.notice_id IS NOT NULL,
    last.channel, last.arrived
FROM picked n
{around}
LEFT JOIN LATERAL (
    SELECT d.channel, d.state = 'delivered' AS arrived FROM notifications_delivery d
    WHERE d.notice_id = n.id ORDER BY d.state = 'delivered' DESC, d.fence DESC LIMIT 1
) last ON true
ORDER BY n.id DESC
