import { Injectable } from '@nestjs/common'
import { eventNotFound } from '../../domain/errors.js'
import { EventStore } from '../../stock/event-store.js'
import { LedgerStore } from '../../stock/ledger-store.js'
import { fileLineOf, hashOf } from '../../stock/proof/proof-chain.js'

/** Lines read at a time. */
const PAGE = 1_000

/** The end of an event's proof. */
export interface ProofEnd {
  /** Hash of the last line; null: there is no line yet. */
  lastHash: string | null
  /** When the last line was recorded; null: there is none, or its content does not have its hash. */
  verifiedUpTo: Date | null
}

/** The proof of an event: a line for each thing that happened to its stock and caps, chained by hashes. */
@Injectable()
export class ProofRecord {
  constructor(
    private readonly ledger: LedgerStore,
    private readonly events: EventStore,
  ) {}

  /** Each value is the text of up to 1,000 lines. Ends with the line that is last now. Throws NotFound before the first one. */
  async lines(eventId: string): Promise<AsyncGenerator<string>> {
    if (!(await this.events.exists(eventId))) throw eventNotFound()
    const last = await this.ledger.lastProofLine(eventId)
    return this.pages(eventId, last?.position ?? 0)
  }

  /** The last line is checked against its hash; all lines are by `npm run verify`. */
  async end(eventId: string): Promise<ProofEnd> {
    const last = await this.ledger.lastProofLine(eventId)
    if (!last) return { lastHash: null, verifiedUpTo: null }
    return { lastHash: last.hash, verifiedUpTo: hashOf(last.content) === last.hash ? last.recordedAt : null }
  }

  private async *pages(eventId: string, end: number): AsyncGenerator<string> {
    for (let position = 0; position < end; position += PAGE) {
      const lines = await this.ledger.proofAfter(eventId, position, Math.min(PAGE, end - position))
      yield lines.map(fileLineOf).join('')
    }
  }
}
