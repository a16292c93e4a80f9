import { invocationOf } from '../../infrastructure/config/command-line.js'
import type { CliProblem } from './exit.js'

/** Text, optionally with a colour; the colour adds no information. */
export type Cell = string | { text: string; colour: keyof typeof COLOURS }

const COLOURS = { green: 32, yellow: 33, red: 31, dim: 2 } as const
const GAP = '  '

const allowsColour = (stream: NodeJS.WriteStream) => stream.isTTY && invocationOf().colourAllowed

/** Writes data to standard output and messages to standard error. */
export class Output {
  constructor(
    readonly json: boolean,
    private readonly data = process.stdout,
    private readonly messages = process.stderr,
  ) {}

  /** Writes one JSON document, or text blocks for display. */
  show(data: unknown, ...blocks: (() => string)[]): void {
    const text = this.json ? JSON.stringify(data, null, 2) : blocks.map((block) => block()).join('\n\n')
    this.data.write(`${text}\n`)
  }

  info(line: string): void {
    this.messages.write(`${line}\n`)
  }

  /** Suggests the next command. */
  next(hint: string): void {
    this.info(`next: ${hint}`)
  }

  error({ code, message, fix }: CliProblem): void {
    this.info(`error ${code}: ${message}`)
    this.info(`  to do: ${fix}`)
  }

  table(header: readonly string[], rows: readonly (readonly Cell[])[]): string {
    if (rows.length === 0) return '(none)'
    const lines = [header.map((text): Cell => ({ text, colour: 'dim' })), ...rows]
    const widths = header.map((_, column) => Math.max(...lines.map((line) => textOf(line[column]).length)))
    return lines
      .map((line) => line.map((cell, column) => this.paint(cell, widths[column] ?? 0)).join(GAP))
      .map((line) => line.trimEnd())
      .join('\n')
  }

  /** One name and value per line. */
  facts(facts: readonly (readonly [string, Cell])[]): string {
    const width = Math.max(...facts.map(([name]) => name.length))
    return facts.map(([name, cell]) => `${name.padEnd(width)}${GAP}${this.paint(cell, 0)}`.trimEnd()).join('\n')
  }

  private paint(cell: Cell, width: number): string {
    const text = textOf(cell).padEnd(width)
    if (typeof cell === 'string' || !allowsColour(this.data)) return text
    return `\u001B[${COLOURS[cell.colour]}m${text}\u001B[0m`
  }
}

/** Replaces control characters: external text must not move the cursor. */
function textOf(cell: Cell | undefined): string {
  const text = typeof cell === 'string' ? cell : (cell?.text ?? '')
  return text.replaceAll(/\p{Cc}+/gu, ' ')
}

/** The value, or "unknown" (never 0). */
export function orUnknown(value: number | string | null | undefined): string {
  return value === null || value === undefined ? 'unknown' : String(value)
}
