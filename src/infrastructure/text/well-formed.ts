const NUL = '\u0000'
const LONE_SURROGATE = /\p{Surrogate}/gu

/** Whether text can be stored and sent unchanged: PostgreSQL rejects U+0000, and UTF-8 cannot encode lone surrogates. */
export function isWellFormed(text: string): boolean {
  return !text.includes(NUL) && text.search(LONE_SURROGATE) === -1
}

/** The text with U+FFFD in place of each character that cannot be stored. */
export function wellFormed(text: string): string {
  return isWellFormed(text) ? text : text.replace(LONE_SURROGATE, '\uFFFD').replaceAll(NUL, '\uFFFD')
}
