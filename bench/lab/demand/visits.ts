import type { ApiPlatform } from '../../../src/domain/channel.js'
import type { Buyer } from './trace.js'

/** Where buyers buy. */
export interface Shop {
  /** Null: refused. */
  take(platform: ApiPlatform, buyer: Buyer): Purchase | null
  after(ms: number, run: () => void): void
  /** Units that may return to the pool: that many more or, below 0, fewer. */
  mayReturn(tickets: number): void
}

/** Tickets in the hands of a buyer. */
export interface Purchase {
  /** They are in a cart until they are paid. */
  inCart: boolean
  /** False: the cart has expired. */
  pay(): boolean
  leave(): void
  cancel(): void
}

/** One party visits the platforms, as decided beforehand. */
export function visit(shop: Shop, buyer: Buyer): void {
  arrive(shop, buyer, buyer.platform, buyer.second)
}

export const usesCart = (platform: ApiPlatform, { cart }: Buyer): boolean => platform === 'EVENTBRITE' && cart !== null

function arrive(shop: Shop, buyer: Buyer, platform: ApiPlatform, second: Buyer['second']): void {
  const { size, cart } = buyer
  const purchase = shop.take(platform, buyer)
  if (!purchase) {
    if (second) shop.after(second.afterMs, () => arrive(shop, buyer, second.platform, null))
  } else if (!purchase.inCart || !cart) keep(shop, buyer, purchase)
  else {
    shop.mayReturn(size)
    shop.after(cart.ms, () => {
      shop.mayReturn(-size)
      if (!cart.buys) purchase.leave()
      else if (purchase.pay()) keep(shop, buyer, purchase)
    })
  }
}

function keep(shop: Shop, { size, cancelsAfterMs }: Buyer, purchase: Purchase): void {
  if (cancelsAfterMs === null) return
  shop.mayReturn(size)
  shop.after(cancelsAfterMs, () => {
    shop.mayReturn(-size)
    purchase.cancel()
  })
}
