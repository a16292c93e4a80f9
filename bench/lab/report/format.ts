/** 0.9731 as "97.31%". */
export function percent(share: number): string {
  return `${(100 * share).toFixed(2)}%`
}

/** Whole numbers without decimals. */
export function tickets(count: number): string {
  return Number.isInteger(count) ? String(count) : count.toFixed(1)
}
