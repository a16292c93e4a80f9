import type { PDFDocument } from 'pdfkit'
import { fontRuns } from './font-runs.js'
import { textLines } from './text-lines.js'

/** Shapes a run as a whole, which the order of words written from right to left needs. */
const WHOLE = { lineBreak: false, features: { kern: true } } as const
const LINE_HEIGHT = 1.3

export interface TextBlock {
  text: string
  /** Points. */
  size: number
  maxLines: number
}

/** Writes text of any script into the column of a page, from top to bottom. The document has the fonts of `registerFonts`. */
export class PdfColumn {
  constructor(
    private readonly document: PDFDocument,
    private readonly x: number,
    /** Where the next block begins, from the top of the page. */
    public y: number,
    private readonly width: number,
  ) {}

  write({ text, size, maxLines }: TextBlock): void {
    this.document.fontSize(size)
    for (const line of textLines(text, maxLines, (part) => this.widthOf(part) <= this.width)) {
      let { x } = this
      for (const run of fontRuns(line)) {
        this.document.font(run.font).text(run.text, x, this.y + size, { ...WHOLE, baseline: 'alphabetic' })
        x += this.document.widthOfString(run.text, WHOLE)
      }
      this.y += size * LINE_HEIGHT
    }
  }

  private widthOf(text: string): number {
    return fontRuns(text).reduce((sum, run) => sum + this.document.font(run.font).widthOfString(run.text, WHOLE), 0)
  }
}
