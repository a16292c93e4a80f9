import { create, type Font } from 'fontkit'
import { readFileSync } from 'node:fs'
import type { PDFDocument } from 'pdfkit'

/** A piece of text that one font draws. */
export interface FontRun {
  font: FontName
  text: string
}

/** Names of files in `fonts/`, the one to prefer first: DejaVu is drawn with care, Unifont has every script. */
export const FONTS = ['DejaVuSans.ttf', 'unifont.otf'] as const
export type FontName = (typeof FONTS)[number]

/** In place of a character that no font has. */
export const REPLACEMENT = '□'

interface OpenFont {
  file: Buffer
  /** For the characters it has. */
  table: Font
}

const opened = new Map<FontName, OpenFont>()

/** Read when it is first needed, and kept. */
function openFont(name: FontName): OpenFont {
  const known = opened.get(name)
  if (known) return known
  const file = readFileSync(new URL(`../../../fonts/${name}`, import.meta.url))
  const font = { file, table: create(file) }
  opened.set(name, font)
  return font
}

/** Makes the fonts known to the document, which opens those that it uses: an open one remembers characters of other documents. */
export function registerFonts(document: PDFDocument): void {
  for (const name of FONTS) document.registerFont(name, openFont(name).file)
}

/** The text in pieces of one font each, in the order of reading. */
export function fontRuns(text: string): FontRun[] {
  const runs: FontRun[] = []
  for (const character of text.normalize('NFC')) {
    const last = runs.at(-1)
    const font = fontOf(character, last?.font)
    const drawn = font === undefined ? REPLACEMENT : character
    if (last && (font ?? FONTS[0]) === last.font) last.text += drawn
    else runs.push({ font: font ?? FONTS[0], text: drawn })
  }
  return runs
}

/** Accents and spaces stay with what they follow. Undefined: no font has the character. */
function fontOf(character: string, current: FontName | undefined): FontName | undefined {
  const codePoint = character.codePointAt(0) ?? 0
  const has = (name: FontName) => openFont(name).table.hasGlyphForCodePoint(codePoint)
  if (current !== undefined && /[\p{M}\s]/u.test(character) && has(current)) return current
  return FONTS.find(has)
}
