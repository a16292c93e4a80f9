/** A secret among the stored values. */
export interface StoredSecret {
  /** Also what its ciphertext is bound to. */
  key: string
  /** `EncryptedJson`; in clear where an earlier version stored it. */
  value: unknown
}

/** How the keys of stored values start that are secrets. */
export const SECRET_PREFIXES = ['webhook-secret:', 'meetup-token:', 'notification:'] as const

/** The secrets among the stored values, as they are stored. */
export abstract class StoredSecrets {
  /** By ascending key. */
  abstract list(): Promise<StoredSecret[]>

  /** Replaces a value by another form of the same; false: it has changed since. */
  abstract replace(key: string, before: unknown, after: object): Promise<boolean>
}
