/** `red`: something does not work, or sales may be lost. `yellow`: to be looked at. */
export type Level = 'green' | 'yellow' | 'red'

export interface Finding {
  check: string
  level: Level
  detail: string
  /** What to do; null when nothing is. */
  fix: string | null
}

export const green = (check: string, detail: string): Finding => ({ check, level: 'green', detail, fix: null })
export const yellow = (check: string, detail: string, fix: string): Finding => ({ check, level: 'yellow', detail, fix })
export const red = (check: string, detail: string, fix: string): Finding => ({ check, level: 'red', detail, fix })

/** What a check cannot tell is a finding too. */
export async function findingsOf(check: string, look: () => Promise<Finding[]>, fix: string): Promise<Finding[]> {
  try {
    return await look()
  } catch (error) {
    return [red(check, error instanceof Error ? error.message || error.name : String(error), fix)]
  }
}

const SKEW_YELLOW_MS = 2_000
const SKEW_RED_MS = 60_000

/** @param theirs ms since 1970, by the server's clock; `asked` and `answered` are ours around it */
export function clockFinding(check: string, theirs: number, asked: number, answered: number): Finding {
  const skew = Math.round(theirs - (asked + answered) / 2)
  const off = Math.max(0, Math.abs(skew) - (answered - asked) / 2)
  const detail = `${skew} ms off this machine's clock`
  const fix = 'Let both machines set their clocks by NTP: signatures, holds and budgets go by time'
  if (off > SKEW_RED_MS) return red(check, detail, fix)
  return off > SKEW_YELLOW_MS ? yellow(check, detail, fix) : green(check, detail)
}
