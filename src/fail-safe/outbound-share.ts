import { Injectable } from '@nestjs/common'

/**
 * The one place where the process that closes everything takes the platforms' whole budgets, and gives them back. While
 * Redis is away nothing counts what processes spend together, so that each keeps to a share of its own.
 */
@Injectable()
export class OutboundShare {
  private claimed = false

  /** From now on this process alone calls the platforms. Repeating it changes nothing. */
  claim(): void {
    this.claimed = true
  }

  release(): void {
    this.claimed = false
  }

  /** Whether this process may spend all of a budget. */
  get ownsAll(): boolean {
    return this.claimed
  }
}
