import { callOf } from '../infrastructure/config/command-line.js'
import type { UserFacingError } from './exit.js'

/** A cell, or a cell with a colour that says nothing the text does not. */
export type Cell = string | { text: string; colour: keyof typeof COLOURS }

const COLOURS = { green: 32, yellow: 33, red: 31, dim: 2 } as const
const GAP = '  '

const wantsColour = (stream: NodeJS.WriteStream) => stream.isTTY && callOf().mayColour

/** Data goes to standard output, everything said about it to standard error. */
export class Output {
  constructor(
    readonly json: boolean,
    private readonly data = process.stdout,
    private readonly messages = process.stderr,
  ) {}

  /** One JSON document, or lines for a person. */
  show(data: unknown, ...blocks: (() => string)[]): void {
    const text = this.json ? JSON.stringify(data, null, 2) : blocks.map((block) => block()).join('\n\n')
    this.data.write(`${text}\n`)
  }

  say(line: string): void {
    this.messages.write(`${line}\n`)
  }

  /** The one thing to do next. */
  next(hint: string): void {
    this.say(`next: ${hint}`)
  }

  complain({ code, message, fix }: UserFacingError): void {
    this.say(`error ${code}: ${message}`)
    this.say(`  to do: ${fix}`)
  }

  table(head: readonly string[], rows: readonly (readonly Cell[])[]): string {
    if (rows.length === 0) return '(none)'
    const lines = [head.map((text): Cell => ({ text, colour: 'dim' })), ...rows]
    const widths = head.map((_, column) => Math.max(...lines.map((line) => textOf(line[column]).length)))
    return lines
      .map((line) => line.map((cell, column) => this.paint(cell, widths[column] ?? 0)).join(GAP))
      .map((line) => line.trimEnd())
      .join('\n')
  }

  /** Name and value per line. */
  facts(facts: readonly (readonly [string, Cell])[]): string {
    const width = Math.max(...facts.map(([name]) => name.length))
    return facts.map(([name, cell]) => `${name.padEnd(width)}${GAP}${this.paint(cell, 0)}`.trimEnd()).join('\n')
  }

  private paint(cell: Cell, width: number): string {
    const text = textOf(cell).padEnd(width)
    if (typeof cell === 'string' || !wantsColour(this.data)) return text
    return `\u001B[${COLOURS[cell.colour]}m${text}\u001B[0m`
  }
}

/** What came from outside must not move the cursor. */
function textOf(cell: Cell | undefined): string {
  const text = typeof cell === 'string' ? cell : (cell?.text ?? '')
  return text.replaceAll(/\p{Cc}+/gu, ' ')
}

/** Unknown is "unknown", never 0. */
export function orUnknown(value: number | string | null | undefined): string {
  return value === null || value === undefined ? 'unknown' : String(value)
}
