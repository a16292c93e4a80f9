import type { ApiPlatform } from '../../../src/domain/channel.js'
import type { CapEntry } from '../../../simulators/kit/index.js'
import type { Buyer } from '../demand/trace.js'

/** Is notified of what happens in a sale. */
export interface SaleObserver {
  /** A platform's cap, sales or carts have changed. */
  changed(platform: ApiPlatform, entry: CapEntry): void
  /** `unsold`: tickets of all platforms that were not sold then. */
  refused(platform: ApiPlatform, buyer: Buyer, unsold: number): void
  ended(): void
}
