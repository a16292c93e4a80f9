import { Injectable } from '@nestjs/common'

/**
 * What this process may spend of the platforms' budgets while Redis is away and nothing counts what all spend together:
 * `whole` for the one that closes everything, `none` for the others meanwhile, `share` otherwise.
 */
export type Share = 'whole' | 'none' | 'share'

/**
 * The one place where the closing process takes the budgets and the others stand aside. Called in each turn, so that a
 * claim may end by itself with the process that made it.
 */
@Injectable()
export class OutboundShare {
  private now: Share = 'share'

  get current(): Share {
    return this.now
  }

  take(share: Share): void {
    this.now = share
  }
}
