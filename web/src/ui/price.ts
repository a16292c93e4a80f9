/** Digits after the point: 2 for EUR, 0 for JPY, 3 for KWD. */
export function priceDigits(currency: string): number {
  try {
    return new Intl.NumberFormat('en', { style: 'currency', currency }).resolvedOptions().maximumFractionDigits ?? 2
  } catch {
    // Not a currency (yet): the API refuses it.
    return 2
  }
}

/** An amount in the smallest unit as people write it, and back. */
export const toPrice = (cents: number, currency: string): number => cents / 10 ** priceDigits(currency)
export const toCents = (price: number, currency: string): number => Math.round(price * 10 ** priceDigits(currency))

export function priceText(cents: number, currency: string): string {
  if (cents === 0) return 'free'
  return `${toPrice(cents, currency).toFixed(priceDigits(currency))} ${currency}`
}
