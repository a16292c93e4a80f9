import { Unknown } from './times'

const WHOLE = new Intl.NumberFormat('en-GB')

/** A count; null and undefined are unknown, never 0. */
export function Count({ of }: { of: number | null | undefined }) {
  return typeof of === 'number' ? <span className="figure">{WHOLE.format(of)}</span> : <Unknown />
}

export const count = (of: number) => WHOLE.format(of)
