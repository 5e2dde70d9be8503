// A billing platform's command: it answers the gate, a line of JSON for each of its.
import { createInterface } from "node:readline";
import pg from "pg";

interface Request {
  id: number;
  call: string;
  tenant_id: string;
  invoice_id: string;
  period_start: string;
  period_end: string;
  idempotency_key: string;
}

class Refused extends Error {
  constructor(
    readonly rule: string,
    message: string,
  ) {
    super(message);
  }
}

console.log = console.error; // whatever else prints, prints to the log: stdout is for answers alone
const say = (what: object) => process.stdout.write(JSON.stringify(what) + "\n");
const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL, max: 8 });
pool.on("error", console.error); // the next call connects again

// Money and instants are made text by the database: no number of JavaScript ever holds them.
const UTC = `'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'`;
const INVOICE = `
  SELECT invoice.id, invoice.customer_id AS tenant_id, invoice.number, invoice.state AS status,
    to_char(invoice.starts_at, ${UTC}) AS period_start,
    to_char(invoice.ends_at, ${UTC}) AS period_end,
    to_char(invoice.finalized_at, ${UTC}) AS issued_at,
    to_char(invoice.settled_at, ${UTC}) AS paid_at,
    customer.currency, invoice.fee::text AS gain_share_amount,
    invoice.share::text AS share, invoice.fingerprint::text AS fingerprint
  FROM payback.invoices AS invoice
  JOIN payback.customers AS customer ON customer.id = invoice.customer_id
  WHERE invoice.id = $1 AND invoice.customer_id = $2`;
// What is confirmed, in the period, and on no final invoice; $1 customer, $2 and $3 the period.
const BILLABLE = `
  FROM payback.recoveries AS recovery
  WHERE recovery.customer_id = $1 AND recovery.state = 'CONFIRMED'
    AND recovery.happened_at >= $2::timestamptz AT TIME ZONE 'UTC'
    AND recovery.happened_at < $3::timestamptz AT TIME ZONE 'UTC'
    AND NOT EXISTS (SELECT FROM payback.claims WHERE claims.recovery_id = recovery.id)`;

type Database = pg.PoolClient;
type Row = Record<string, string | null>;

async function first(db: Database, sql: string, values: unknown[]): Promise<Row | undefined> {
  return (await db.query(sql, values)).rows[0];
}

async function find(db: Database, { tenant_id, invoice_id }: Request): Promise<Row> {
  const invoice = await first(db, INVOICE, [invoice_id, tenant_id]);
  if (!invoice) throw new Refused("invoice_not_found", `${tenant_id} has no ${invoice_id}`);
  return invoice;
}

async function locked(db: Database, request: Request, status: string): Promise<Row> {
  await db.query(`SELECT FROM payback.customers WHERE id = $1 FOR NO KEY UPDATE`, [request.tenant_id]);
  await db.query(`SELECT FROM payback.invoices WHERE id = $1 FOR UPDATE`, [request.invoice_id]);
  const invoice = await find(db, request);
  const rule = status === "OPEN" ? "invoice_is_not_draft" : "invoice_is_not_issued";
  if (invoice.status !== status) throw new Refused(rule, `${invoice.id} is ${invoice.status}`);
  return invoice;
}

async function customer(db: Database, tenant_id: string): Promise<Row> {
  const found = await first(
    db,
    `SELECT currency, share::text, deleted_at::text FROM payback.customers
     WHERE id = $1 FOR NO KEY UPDATE`,
    [tenant_id],
  );
  if (!found) throw new Refused("tenant_not_found", `there is no ${tenant_id}`);
  if (found.deleted_at) throw new Refused("tenant_is_not_active", `${tenant_id} was deleted`);
  return found;
}

async function price(db: Database, tenant_id: string, start: unknown, end: unknown) {
  return first(
    db,
    `SELECT customer.share::text, round(billable.amount * customer.share, 2)::text AS fee,
       billable.fingerprint::text
     FROM payback.customers AS customer, (
       SELECT sum(amount) AS amount, sum(hashtextextended(id, 0)) AS fingerprint ${BILLABLE}
     ) AS billable
     WHERE customer.id = $1 AND billable.fingerprint IS NOT NULL`,
    [tenant_id, start, end],
  );
}

async function quote(db: Database, request: Request): Promise<Row> {
  const { tenant_id, period_start, period_end } = request;
  if (new Date(period_start) >= new Date(period_end))
    throw new Refused("period_is_empty", `${period_end} is not after ${period_start}`);
  const { currency } = await customer(db, tenant_id);
  const taken = await first(
    db,
    `SELECT id, state FROM payback.invoices
     WHERE customer_id = $1 AND state <> 'VOID'
       AND starts_at < $3::timestamptz AT TIME ZONE 'UTC'
       AND ends_at > $2::timestamptz AT TIME ZONE 'UTC'`,
    [tenant_id, period_start, period_end],
  );
  if (taken) throw new Refused("period_overlaps_invoice", `${taken.id} is ${taken.state}`);
  const priced = await price(db, tenant_id, period_start, period_end);
  if (!priced) throw new Refused("no_billable_events", `${tenant_id} has nothing confirmed`);
  if (!priced.share) throw new Refused("event_has_no_terms", `${tenant_id} has no share yet`);
  return { ...priced, currency, gain_share_amount: priced.fee };
}

async function draft(db: Database, request: Request): Promise<Row> {
  const { tenant_id, period_start, period_end, idempotency_key } = request;
  await db.query(`SELECT pg_advisory_xact_lock(hashtextextended($1, 0))`, [idempotency_key]);
  const made = await first(
    db,
    `SELECT invoice.id FROM payback.request_keys AS request
     JOIN payback.invoices AS invoice ON invoice.id = request.invoice_id
     WHERE request.key = $1`,
    [idempotency_key],
  );
  if (made) {
    const invoice = await first(db, INVOICE, [made.id, tenant_id]);
    const same = (told: string | null | undefined, asked: string) =>
      told && new Date(told).getTime() === new Date(asked).getTime();
    if (same(invoice?.period_start, period_start) && same(invoice?.period_end, period_end))
      return invoice!;
    throw new Refused("idempotency_key_reused", "the key made another invoice");
  }
  const quoted = await quote(db, request);
  const invoice = await first(
    db,
    `INSERT INTO payback.invoices (customer_id, starts_at, ends_at, share, fee, fingerprint)
     VALUES ($1, $2::timestamptz AT TIME ZONE 'UTC', $3::timestamptz AT TIME ZONE 'UTC', $4, $5, $6)
     RETURNING id`,
    [tenant_id, period_start, period_end, quoted.share, quoted.fee, quoted.fingerprint],
  );
  const invoice_id = invoice!.id!;
  await db.query(`INSERT INTO payback.request_keys (key, invoice_id) VALUES ($1, $2)`, [
    idempotency_key,
    invoice_id,
  ]);
  return find(db, { ...request, invoice_id });
}

async function cancel(db: Database, request: Request): Promise<Row> {
  await locked(db, request, "OPEN");
  await db.query(`DELETE FROM payback.invoices WHERE id = $1`, [request.invoice_id]);
  return {};
}

async function issue(db: Database, request: Request): Promise<Row> {
  const { tenant_id, invoice_id } = request;
  const invoice = await locked(db, request, "OPEN");
  await customer(db, tenant_id);
  const period = [invoice.period_start, invoice.period_end];
  const now = await price(db, tenant_id, ...(period as [unknown, unknown]));
  const fresh =
    now?.share === invoice.share &&
    now?.fee === invoice.gain_share_amount &&
    now?.fingerprint === invoice.fingerprint;
  if (!fresh) throw new Refused("draft_is_stale", `${invoice_id} is not what it was made for`);
  await db.query(
    `INSERT INTO payback.claims (recovery_id, invoice_id) SELECT recovery.id, $4 ${BILLABLE}`,
    [tenant_id, ...period, invoice_id],
  );
  await db.query(
    `UPDATE payback.invoices SET state = 'FINALIZED', finalized_at = payback.now_utc(),
       number = (SELECT 'PB-' || coalesce(max(substr(number, 4)::bigint), 0) + 1
                 FROM payback.invoices WHERE customer_id = $1)
     WHERE id = $2`,
    [tenant_id, invoice_id],
  );
  return find(db, request);
}

async function markPaid(db: Database, request: Request): Promise<Row> {
  await locked(db, request, "FINALIZED");
  await db.query(
    `UPDATE payback.invoices SET state = 'SETTLED', settled_at = payback.now_utc() WHERE id = $1`,
    [request.invoice_id],
  );
  return find(db, request);
}

async function voided(db: Database, request: Request): Promise<Row> {
  await locked(db, request, "FINALIZED");
  await db.query(`DELETE FROM payback.claims WHERE invoice_id = $1`, [request.invoice_id]);
  await db.query(`UPDATE payback.invoices SET state = 'VOID' WHERE id = $1`, [request.invoice_id]);
  return find(db, request);
}

const calls: Record<string, (db: Database, request: Request) => Promise<Row>> = {
  preview: quote,
  generate_draft: draft,
  cancel,
  issue,
  mark_paid: markPaid,
  void: voided,
  find,
};

// A call is one transaction: it is done whole, or leaves nothing.
async function transaction<T>(work: (db: Database) => Promise<T>): Promise<T> {
  const db = await pool.connect();
  try {
    await db.query("BEGIN");
    const done = await work(db);
    await db.query("COMMIT");
    return done;
  } catch (error) {
    await db.query("ROLLBACK").catch(console.error);
    throw error;
  } finally {
    db.release();
  }
}

async function answer(request: Request): Promise<void> {
  const { id, call } = request;
  try {
    say({ id, ok: await transaction((db) => calls[call](db, request)) });
  } catch (error) {
    if (error instanceof Refused)
      return void say({ id, refused: { rule: error.rule, message: error.message } });
    console.error(error);
    say({ id, broken: { message: String(error) } });
  }
}

say({ protocol: "p9a-command/1", build: "1.4.2" });
const answers: Promise<void>[] = [];
for await (const line of createInterface({ input: process.stdin }))
  answers.push(answer(JSON.parse(line))); // not awaited: several calls are answered at once
await Promise.all(answers); // stdin has ended, and so does this
await pool.end();
