import type { Balances } from '../../../domain/stock/ledger-account.js'
import type { SharedMemory } from '../../../infrastructure/shared-memory.js'
import {
  StockGate,
  type GateOperation,
  type GateState,
  type PendingOperation,
  type TakeResult,
} from '../../../stock/gate/gate.js'
import type { MemoryGateState } from './memory-gate-state.js'

/** The gate in memory, for runs on virtual time. Equivalent to `RedisStockGate`, by the same suite. */
export class MemoryStockGate extends StockGate {
  constructor(private readonly memory: SharedMemory<MemoryGateState>) {
    super()
  }

  override take(eventId: string, operation: GateOperation): Promise<TakeResult> {
    return this.memory.write((gates, run) => gates.take(eventId, operation, run))
  }

  override takeMany(eventId: string, operations: readonly GateOperation[]): Promise<TakeResult[]> {
    return this.memory.write((gates, run) => gates.takeMany(eventId, operations, run))
  }

  override acknowledge(eventId: string, operationIds: readonly string[]): Promise<void> {
    return this.memory.write((gates) => gates.acknowledge(eventId, operationIds))
  }

  override void(eventId: string, operationId: string, taken: { epoch: number; seq: number }): Promise<boolean> {
    return this.memory.write((gates) => gates.void(eventId, operationId, taken))
  }

  override install(eventId: string, epoch: number, balances: Balances): Promise<boolean> {
    return this.memory.write((gates, run) => gates.install(eventId, epoch, balances, run))
  }

  override pending(eventId: string, olderThanMs: number, limit: number): Promise<PendingOperation[]> {
    return this.memory.read((gates) => gates.pending(eventId, olderThanMs, limit))
  }

  override read(eventId: string): Promise<GateState | null> {
    return this.memory.read((gates, run) => gates.read(eventId, run))
  }

  override installedEpoch(eventId: string): Promise<number> {
    return this.memory.read((gates) => gates.installedEpoch(eventId))
  }
}
