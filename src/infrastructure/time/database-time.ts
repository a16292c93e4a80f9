/** The clock of PostgreSQL, which all processes share. */
export abstract class DatabaseTime {
  /** Rejects while PostgreSQL is unavailable. */
  abstract read(): Promise<Date>
}
