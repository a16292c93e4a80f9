/** Exact product ratio × whole in decimal, as a fraction `product / scale` (0.1 × 70 is 7, not 7.000000000000001). */
function scaled(ratio: number, whole: number): { product: bigint; scale: bigint } {
  const [mantissa = '0', exponent = '0'] = ratio.toString().split('e')
  const [integer = '0', fraction = ''] = mantissa.split('.')
  const digits = fraction.length - Number(exponent)
  const product = BigInt(integer + fraction) * BigInt(whole)
  return digits >= 0
    ? { product, scale: 10n ** BigInt(digits) }
    : { product: product * 10n ** BigInt(-digits), scale: 1n }
}

/** ⌈capacity × ratio⌉: the safety stock. */
export function ceilShare(ratio: number, whole: number): number {
  const { product, scale } = scaled(ratio, whole)
  return Number((product + scale - 1n) / scale)
}

/** ⌊capacity × ratio⌋: the soft-cap threshold. */
export function floorShare(ratio: number, whole: number): number {
  const { product, scale } = scaled(ratio, whole)
  return Number(product / scale)
}
