// What is used of two packages that have no types.

declare module 'fontkit' {
  export interface Font {
    hasGlyphForCodePoint(codePoint: number): boolean
  }
  export function create(file: Uint8Array): Font
}

declare module 'pdfkit' {
  import type { Readable } from 'node:stream'

  interface TextOptions {
    lineBreak?: boolean
    /** Of OpenType. Given, the text is shaped as a whole, not word by word. */
    features?: Record<string, boolean>
    /** What `y` is. */
    baseline?: 'alphabetic'
  }

  /** A stream of the file's bytes. Lengths in points. */
  export class PDFDocument extends Readable {
    constructor(options: {
      /** Null: none until `font` is called. */
      font: null
      size: 'A6'
      margin: number
      autoFirstPage: false
      lang: string
      displayTitle: boolean
      info: { Title: string; CreationDate: Date }
    })
    readonly page: { width: number; height: number }
    addPage(): this
    registerFont(name: string, file: Uint8Array): this
    font(name: string): this
    fontSize(points: number): this
    widthOfString(text: string, options: TextOptions): number
    text(text: string, x: number, y: number, options: TextOptions): this
    rect(x: number, y: number, width: number, height: number): this
    fill(): this
    end(): void
  }
}
