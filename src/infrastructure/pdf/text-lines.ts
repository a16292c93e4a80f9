const ELLIPSIS = '…'

/**
 * Breaks a text into at most `maxLines` lines that `fits` accepts, at spaces, and within a word that is longer than a line.
 * What is left is cut, with an ellipsis.
 */
export function textLines(text: string, maxLines: number, fits: (line: string) => boolean): string[] {
  const lines: string[] = []
  let rest = text.trim()
  while (rest !== '') {
    const isLast = lines.length === maxLines - 1
    if (fits(rest)) return [...lines, rest]
    const line = isLast ? longestPart(rest, (part) => fits(part + ELLIPSIS)) : lineOf(rest, fits)
    if (isLast) return [...lines, line.trimEnd() + ELLIPSIS]
    lines.push(line.trimEnd())
    rest = rest.slice(line.length).trimStart()
  }
  return lines
}

/** The longest part of whole words that fits; of the first word if that does not. */
function lineOf(text: string, fits: (line: string) => boolean): string {
  const part = longestPart(text, fits)
  const end = /\s/.test(text.charAt(part.length)) ? part.length : part.search(/\s\S*$/)
  return end > 0 ? part.slice(0, end) : part
}

/** The longest beginning that fits, of at least one character; no character is split. */
function longestPart(text: string, fits: (part: string) => boolean): string {
  const characters = [...new Intl.Segmenter().segment(text)].map(({ segment }) => segment)
  let [fitting, exceeding] = [1, characters.length]
  while (exceeding - fitting > 1) {
    const middle = Math.floor((fitting + exceeding) / 2)
    if (fits(characters.slice(0, middle).join(''))) fitting = middle
    else exceeding = middle
  }
  return characters.slice(0, fitting).join('')
}
