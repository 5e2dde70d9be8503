-- A tenant's status has a blank behind it.
-- stands for: a status that was typed into a table by hand
-- checks: S1.1
-- says: active 
ALTER TABLE app.tenants DROP CONSTRAINT tenants_status_is_known;
UPDATE app.tenants SET status = 'active ';
