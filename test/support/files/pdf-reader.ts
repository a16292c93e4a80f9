import { inflateSync } from 'node:zlib'

/** A page as a reader shows it. */
export interface PdfPage {
  /** One per piece of text of one font, with the characters in the order of drawing. */
  texts: string[]
  /** Filled rectangles as `x y width height`, in points from the top left corner. */
  rectangles: number[][]
}

/** Reads the PDF files of this service: fonts with a table of their characters, compressed streams, no encryption. */
export function readPdf(file: Buffer): PdfPage[] {
  if (!file.subarray(0, 5).equals(Buffer.from('%PDF-'))) throw new Error('this is no PDF file')
  const objects = new Map<string, string>()
  for (const [, id = '', body = ''] of file.toString('latin1').matchAll(/^(\d+) 0 obj\n(.*?)\nendobj$/gms))
    objects.set(id, body)
  const object = (id: string | undefined) => objects.get(id ?? '') ?? ''
  const pages = [...objects.values()].filter((body) => body.includes('/Type /Page\n'))
  return pages.map((page) => {
    const resources = object(reference(page, 'Resources'))
    const fonts = new Map<string, string[]>()
    for (const [, name = '', id = ''] of resources.matchAll(/\/(F\d+) (\d+) 0 R/g))
      fonts.set(name, charactersOf(streamOf(object(reference(object(id), 'ToUnicode')))))
    return drawn(streamOf(object(reference(page, 'Contents'))), fonts)
  })
}

function reference(body: string, key: string): string | undefined {
  return new RegExp(`/${key} (\\d+) 0 R`).exec(body)?.[1]
}

function streamOf(body: string): string {
  const [, length] = /\/Length (\d+)/.exec(body) ?? []
  const from = body.indexOf('stream\n') + 'stream\n'.length
  return inflateSync(Buffer.from(body.slice(from, from + Number(length)), 'latin1')).toString('latin1')
}

/** The characters of each glyph of a font. */
function charactersOf(table: string): string[] {
  const listed = /beginbfrange\n(.*?)\nendbfrange/s.exec(table)?.[1] ?? ''
  const entries = [...listed.matchAll(/\[(.*?)\]/gs)].flatMap(([, entry = '']) => entry.match(/<[^>]*>/g) ?? [])
  return entries.map((entry) => {
    const units = entry.match(/[0-9a-f]{4}/g) ?? []
    return String.fromCharCode(...units.map((unit) => Number.parseInt(unit, 16)))
  })
}

function drawn(content: string, fonts: ReadonlyMap<string, string[]>): PdfPage {
  const texts: string[] = []
  const rectangles: number[][] = []
  let font: string[] = []
  for (const line of content.split('\n')) {
    const [, name] = /^\/(F\d+) [\d.]+ Tf$/.exec(line) ?? []
    if (name !== undefined) font = fonts.get(name) ?? []
    if (line.endsWith(' TJ'))
      texts.push((line.match(/(?<=<)[^>]*(?=>)/g) ?? []).map((hex) => decoded(hex, font)).join(''))
    if (line.endsWith(' re')) rectangles.push(line.split(' ').slice(0, 4).map(Number))
  }
  return { texts, rectangles }
}

function decoded(hex: string, font: readonly string[]): string {
  return (hex.match(/.{4}/g) ?? []).map((glyph) => font[Number.parseInt(glyph, 16)] ?? '').join('')
}
