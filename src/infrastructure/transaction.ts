/**
 * An open database transaction: repositories that are given the same one commit together. Opaque, so that only the
 * adapter that opened it can use it.
 */
export abstract class DatabaseTransaction {
  /** Makes the type nominal: no other object is accepted in its place. */
  protected abstract readonly database: string
}
