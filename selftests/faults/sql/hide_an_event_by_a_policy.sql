-- A policy hides small events from whoever may not bypass it, gate and platform alike.
-- stands for: supabase/supabase/issues/1730, row-level security answers with less instead of an error
-- verdict: ABORTED
-- says: gate_in_process is not shown every row, and what is hidden cannot be judged: query would be affected by row-level security policy for table "value_events"
CREATE POLICY hide_small_events ON app.value_events
USING (abs(amount) > 100);
ALTER TABLE app.value_events ENABLE ROW LEVEL SECURITY;
