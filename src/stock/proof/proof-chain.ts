import { createHash } from 'node:crypto'
import type { ProofFact } from '../../domain/proof/proof-fact.js'
import { canonicalJson, type CanonicalValue } from './canonical-json.js'

/** The end of a chain; position 0: it has no line yet. */
export interface ChainEnd {
  position: number
  hash: string
}

/** One line as it is stored: `content` is canonical JSON, `hash` its SHA-256 in hexadecimal. */
export interface ProofLine extends ChainEnd {
  recordedAt: Date
  content: string
}

/** What the first line has as the hash of the line before. */
const NO_HASH = '0'.repeat(64)

export const EMPTY_CHAIN: ChainEnd = { position: 0, hash: NO_HASH }

/** The hash of a line, by its content. */
export function hashOf(content: string): string {
  return createHash('sha256').update(content).digest('hex')
}

/** The lines that one transaction adds to a chain. All of them have the instant at which the event was locked. */
export class ProofChain {
  readonly added: ProofLine[] = []

  constructor(
    private end: ChainEnd,
    private readonly lockedAt: Date,
  ) {}

  get isEmpty(): boolean {
    return this.end.position === 0
  }

  add(fact: ProofFact): void {
    const position = this.end.position + 1
    const line = { ...fact, n: position, at: this.lockedAt.toISOString(), prev: this.end.hash }
    const content = canonicalJson(line as unknown as CanonicalValue)
    this.end = { position, hash: hashOf(content) }
    this.added.push({ ...this.end, recordedAt: this.lockedAt, content })
  }
}

/** The line of the file: its content with its hash. */
export function fileLineOf({ content, hash }: Pick<ProofLine, 'content' | 'hash'>): string {
  return `${content.slice(0, -1)},"hash":"${hash}"}\n`
}
