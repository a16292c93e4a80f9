import { StateConflict } from '../../domain/errors.js'
import type { PaymentProvider } from './payment-provider.js'

/** The configured payment providers. A payment is only ever processed by the one that took it. */
export class PaymentProviders {
  /** @param current takes new payments; null: none does. @param others still process payments that they took before */
  constructor(
    readonly current: PaymentProvider | null,
    private readonly others: readonly PaymentProvider[] = [],
  ) {}

  /** The provider of a stored payment; null: it is not configured here. */
  of({ provider }: { provider: string }): PaymentProvider | null {
    return [this.current, ...this.others].find((candidate) => candidate?.name === provider) ?? null
  }

  /** Throws StateConflict when no provider takes payments. */
  require(): PaymentProvider {
    if (this.current) return this.current
    throw new StateConflict('Tickets with a price are not sold here: no payment provider is configured (PAYMENTS).')
  }
}
