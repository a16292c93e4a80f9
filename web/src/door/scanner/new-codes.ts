/** A code has to be invisible for this long to be scanned again, ms. */
const GONE_MS = 1_500

/** Which of the codes in a picture are scanned by it: one that is held before the camera is scanned once. */
export function newCodes(): (seen: readonly string[], now: number) => string[] {
  const lastSeen = new Map<string, number>()
  return (seen, now) => {
    const fresh = seen.filter((code) => now - (lastSeen.get(code) ?? -Infinity) > GONE_MS)
    for (const code of seen) lastSeen.set(code, now)
    return fresh
  }
}
