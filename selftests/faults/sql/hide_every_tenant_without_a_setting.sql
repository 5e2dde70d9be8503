-- A policy shows a tenant to whoever has set its id, and is an error for whoever has set none.
-- stands for: supabase/supabase/issues/1730, row-level security answers with less instead of an error
-- verdict: ABORTED
-- says: is not shown every row, and what is hidden cannot be judged: query would be affected by row-level security policy for table "tenants"
-- over: http
CREATE POLICY show_the_tenant_that_is_set ON app.tenants
USING (id = current_setting('app.current_tenant')::uuid);
ALTER TABLE app.tenants ENABLE ROW LEVEL SECURITY;
