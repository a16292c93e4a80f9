import { v7 } from 'uuid'
import { SeededRandom } from '../../src/infrastructure/time/seeded-random.js'
import type { UuidSource } from '../../src/infrastructure/ids.js'

/** Version 7 UUIDs whose order is that of their creation, the same for the same seed. */
export function seededUuids(seed: number): UuidSource {
  const random = new SeededRandom(seed)
  let created = 0
  return () =>
    v7({
      msecs: 1_700_000_000_000 + created++,
      seq: 0,
      random: Uint8Array.from({ length: 16 }, () => Math.floor(random.next() * 256)),
    })
}
