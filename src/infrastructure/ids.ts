import { v7 } from 'uuid'

/**
 * A new id such as `evt_01932f…`: the prefix and a version 7 UUID without dashes. Text order is creation order; within a
 * millisecond, or when the clock steps back, this holds for the ids of one process.
 */
export function newId(prefix: string): string {
  return `${prefix}_${v7().replaceAll('-', '')}`
}
