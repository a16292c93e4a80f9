import { Injectable } from '@nestjs/common'
import { cardPriceProblem, DEFAULT_CURRENCY } from '../domain/currency.js'
import { ValidationFailed } from '../domain/errors.js'
import { Config } from '../infrastructure/config/config.js'

/** Prices that the configured payments can take. */
@Injectable()
export class EventPrice {
  constructor(private readonly config: Config) {}

  /** A price that cannot be paid would fail at every payment only. Throws ValidationFailed. `currency` null: the default. */
  assertPayable(priceCents: number | undefined, currency: string | null | undefined): void {
    if (priceCents === undefined || this.config.payments !== 'stripe') return
    const problem = cardPriceProblem(priceCents, currency ?? DEFAULT_CURRENCY)
    if (problem !== null) throw ValidationFailed.of('priceCents', problem)
  }
}
