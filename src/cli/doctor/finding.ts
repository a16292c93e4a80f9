/** `red`: something does not work, or sales may be lost. `yellow`: needs attention. */
export type Level = 'green' | 'yellow' | 'red'

export interface Finding {
  check: string
  level: Level
  detail: string
  /** What to do; null: nothing. */
  fix: string | null
}

export const green = (check: string, detail: string): Finding => ({ check, level: 'green', detail, fix: null })
export const yellow = (check: string, detail: string, fix: string): Finding => ({ check, level: 'yellow', detail, fix })
export const red = (check: string, detail: string, fix: string): Finding => ({ check, level: 'red', detail, fix })

/** Runs a check; a failing check is a red finding. */
export async function findingsOf(check: string, run: () => Promise<Finding[]>, fix: string): Promise<Finding[]> {
  try {
    return await run()
  } catch (error) {
    return [red(check, error instanceof Error ? error.message || error.name : String(error), fix)]
  }
}

const SKEW_YELLOW_MS = 2_000
const SKEW_RED_MS = 60_000

/** All times in ms since 1970: `serverTime` by the server's clock, the other two by ours around the request. */
export function clockFinding(check: string, serverTime: number, requestedAt: number, respondedAt: number): Finding {
  const skew = Math.round(serverTime - (requestedAt + respondedAt) / 2)
  const skewBeyondLatency = Math.max(0, Math.abs(skew) - (respondedAt - requestedAt) / 2)
  const detail = `${skew} ms off this machine's clock`
  const fix = 'Synchronize the clocks of both machines by NTP: signatures, holds and rate limits depend on time'
  if (skewBeyondLatency > SKEW_RED_MS) return red(check, detail, fix)
  return skewBeyondLatency > SKEW_YELLOW_MS ? yellow(check, detail, fix) : green(check, detail)
}
