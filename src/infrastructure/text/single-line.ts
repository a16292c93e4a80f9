import { wellFormed } from './well-formed.js'

/** Line breaks and other control characters, and those that change the direction of the text around them. */
const NOT_IN_A_LINE = /[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu

/** Whether text is well-formed and one line, without control characters. */
export function isSingleLine(text: string): boolean {
  return text.search(NOT_IN_A_LINE) === -1 && wellFormed(text) === text
}

/** The text in one well-formed line of at most `maxLength` characters, with a space in place of each other character. */
export function singleLine(text: string, maxLength: number): string {
  // A character of two halves is not divided.
  const part = text.length <= maxLength ? text : text.slice(0, maxLength).replace(/[\ud800-\udbff]$/, '')
  return wellFormed(part).replace(NOT_IN_A_LINE, ' ')
}
