/** In characters; longer names are cut. An index holds a key of this length in any script. */
const MAX_KEY_LENGTH = 300

/** In place of a key where no name is known: after every key. */
export const NO_NAME = '\u{10FFFF}'

/** Letters that no decomposition reduces to those people type instead. */
const SPELLINGS: Readonly<Record<string, string>> = {
  ø: 'o',
  ł: 'l',
  đ: 'd',
  ð: 'd',
  ħ: 'h',
  þ: 'th',
  æ: 'ae',
  œ: 'oe',
}
const SPELT = new RegExp(`[${Object.keys(SPELLINGS).join('')}]`, 'g')

/** Within a word: `O'Brien` is found as `obrien`. */
const APOSTROPHES = /['’‘ʼ`´]/gu
const BETWEEN_WORDS = /[\p{P}\p{C}\p{Z}\s]+/gu

/**
 * A name as it is compared, searched and sorted: without accents, case and punctuation, its words separated by one space.
 * Has no wildcard of a SQL pattern. Empty: the name has no words.
 */
export function nameKey(name: string): string {
  const folded = name
    .replaceAll(APOSTROPHES, '')
    .normalize('NFKD')
    .replaceAll(/\p{M}/gu, '')
    .toUpperCase()
    .toLowerCase()
  const spelt = folded.replaceAll(SPELT, (letter) => SPELLINGS[letter] ?? letter)
  return wholeCharacters(spelt.replaceAll(BETWEEN_WORDS, ' ').trim(), MAX_KEY_LENGTH)
}

/** The words of a search: a name matches if its key contains each of them. */
export function wordsOf(text: string): string[] {
  return nameKey(text)
    .split(' ')
    .filter((word) => word !== '')
}

/** The position of a name in a list by name; without one, at the end. */
export function sortKey(name: string | null): string {
  return nameKey(name ?? '') || NO_NAME
}

function wholeCharacters(text: string, maxLength: number): string {
  return text.length <= maxLength ? text : text.slice(0, maxLength).replace(/[\ud800-\udbff]$/, '')
}
