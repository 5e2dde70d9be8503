-- No event is billable, so nothing can be compared, and nothing differs.
-- stands for: an empty tenant that passes a gate for which no rows mean success
-- checks: S1.2, X1
-- says: 0 events RECOVERED, billable, not billed
-- with: --seed=never
UPDATE app.value_events SET billable = false;
