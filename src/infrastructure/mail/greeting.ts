import { isSingleLine } from '../text/single-line.js'

const MAX_NAME_LENGTH = 100
/** What mail programs turn into links: addresses, and anything that could be the name of a host. */
const LINKED = /[/\\@:]|[^\s.][.\u3002\uff0e\uff61][^\s.]{2}/u

/**
 * The first line of a mail. Anyone can enter a name for any address, so that a mail repeats no name that could carry a
 * message: one that is not a single line, is long, or would become a link.
 */
export function greeting(name: string | null): string {
  const shown = name?.trim() ?? ''
  const isPlain = shown !== '' && shown.length <= MAX_NAME_LENGTH && isSingleLine(shown) && !LINKED.test(shown)
  return isPlain ? `Hello ${shown},` : 'Hello,'
}
