import { setTimeout as sleep } from 'node:timers/promises'
import type { Redis } from 'ioredis'
import { Client } from 'pg'
import { GateChanges } from './gate-changes.js'

const QUIET_MS = 100
const QUIET_ROUNDS = 5

const SETUP = `
  CREATE TABLE recorded_changes (id bigserial PRIMARY KEY, name text NOT NULL, change text NOT NULL);
  CREATE FUNCTION record_change() RETURNS trigger LANGUAGE plpgsql AS $$
  BEGIN
    IF TG_OP = 'UPDATE' AND OLD IS NOT DISTINCT FROM NEW THEN RETURN NULL; END IF;
    INSERT INTO recorded_changes (name, change)
      VALUES (TG_TABLE_NAME, TG_OP || ' ' || left(to_jsonb(CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END)::text, 300));
    RETURN NULL;
  END $$;
  DO $$
  DECLARE name text;
  BEGIN
    FOR name IN SELECT tablename FROM pg_tables WHERE schemaname = 'public'
      AND tablename NOT IN ('recorded_changes', '_prisma_migrations') LOOP
      EXECUTE format('CREATE TRIGGER record AFTER INSERT OR UPDATE OR DELETE ON %I FOR EACH ROW EXECUTE FUNCTION record_change()', name);
    END LOOP;
  END $$`

/** What requests change in PostgreSQL, by triggers, and in the stock at the gates. Rolled back changes are none. */
export class RecordedChanges {
  private constructor(
    private readonly database: Client,
    private readonly gates: GateChanges,
  ) {}

  /** `redis`: of a server of its own. */
  static async start(databaseUrl: string, redis: Redis): Promise<RecordedChanges> {
    const database = new Client({ connectionString: databaseUrl })
    await database.connect()
    await database.query(SETUP)
    return new RecordedChanges(database, await GateChanges.start(redis))
  }

  /** Since the last call; `GATES` is a change of stock at the gates. */
  async take(): Promise<string[]> {
    const [{ rows }, gates] = await Promise.all([
      this.database.query<{ name: string; change: string }>('DELETE FROM recorded_changes RETURNING name, change'),
      this.gates.take(),
    ])
    return [...rows.map(({ name, change }) => `${name}: ${change}`), ...gates]
  }

  /** Waits until the work that earlier requests started has ended. */
  async settled(): Promise<void> {
    for (let quiet = 0; quiet < QUIET_ROUNDS;) {
      await sleep(QUIET_MS)
      quiet = (await this.take()).length === 0 ? quiet + 1 : 0
    }
  }

  async close(): Promise<void> {
    await this.database.end()
    this.gates.close()
  }
}
