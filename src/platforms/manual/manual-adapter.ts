import type { AccessReport, Authenticity, Failure, Outcome, PlatformAdapter } from '../port.js'
import type { ListingPage } from '../upcoming-listing.js'

/** A platform without an API: there is no account that could refuse us, and no call. */
export class ManualAdapter implements PlatformAdapter {
  readonly platform = 'MANUAL'
  readonly configured = true
  readonly hasWebhooks = false
  readonly canVoid = false
  /** A person's word is in force when it is given. */
  readonly settleMs = 0

  readChannel = () => unsupported('be read')
  writeCap = () => unsupported('be written')
  setMode = () => unsupported('be closed or opened')
  listOrders = () => unsupported('list its orders')
  getOrder = () => unsupported('show an order')
  voidOrder = () => unsupported('void an order')
  ensureWebhookSubscription = () => unsupported('send webhooks')

  async checkAccess(): Promise<Outcome<AccessReport>> {
    return { kind: 'OK', value: { account: null, subscribed: null } }
  }

  async listUpcoming(): Promise<Outcome<ListingPage>> {
    return { kind: 'OK', value: { listings: [], nextCursor: null } }
  }

  authenticate(): Authenticity {
    return 'FORGED'
  }

  parseDelivery(): null {
    return null
  }
}

async function unsupported(what: string): Promise<Failure> {
  return { kind: 'UNSUPPORTED', reason: `a listing kept by a person cannot ${what} by a call` }
}
