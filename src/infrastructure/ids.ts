import { v7 } from 'uuid'

/** Returns a new version 7 UUID. */
export type UuidSource = () => string

let uuids: UuidSource = () => v7()

/**
 * A new id such as `evt_01932f…`: the prefix and a version 7 UUID without dashes. Text order is creation order; within a
 * millisecond, or when the clock steps back, this holds for the ids of one process.
 */
export function newId(prefix: string): string {
  return `${prefix}_${uuids().replaceAll('-', '')}`
}

/** Replaces the source of all later ids, so that a run can be repeated from its seed. Returns a function that restores it. */
export function useUuids(source: UuidSource): () => void {
  const before = uuids
  uuids = source
  return () => {
    uuids = before
  }
}
