import { lookup, type LookupAddress } from 'node:dns'
import { isIP, type LookupFunction } from 'node:net'
import { callbackify } from 'node:util'
import { isPublicAddress } from './public-address.js'

/** The addresses of a host. Rejects when it has none. */
export type Resolve = (host: string) => Promise<readonly LookupAddress[]>

export class AddressRefused extends Error {
  override readonly name = 'AddressRefused'

  constructor(host: string) {
    super(`${host} is a private or loopback address, or one that is not on the internet`)
  }
}

/**
 * Which addresses may be connected to. A connection resolves its host once, through `lookup`, and connects to what was
 * checked: a name that resolves to another address afterwards changes nothing.
 */
export class AddressGuard {
  constructor(
    private readonly allowPrivate: boolean,
    private readonly resolve: Resolve = resolveHost,
  ) {}

  /** For the lookup of a connection. */
  readonly lookup: LookupFunction = (host, options, callback) => {
    callbackify(() => this.addressesOf(host))((error, addresses) => {
      const [first] = addresses ?? []
      if (!first) callback(error ?? new Error(`${host} has no address`), '')
      else if (options.all) callback(null, [...addresses])
      else callback(null, first.address, first.family)
    })
  }

  /** An address in a URL is connected to without a lookup. Throws AddressRefused. */
  checkLiteral(host: string): void {
    const bare = host.replace(/^\[|\]$/g, '')
    if (isIP(bare) !== 0 && !this.isAllowed(bare)) throw new AddressRefused(bare)
  }

  /** Throws AddressRefused; other errors when the host cannot be resolved. */
  async check(host: string): Promise<void> {
    this.checkLiteral(host)
    if (isIP(host.replace(/^\[|\]$/g, '')) === 0) await this.addressesOf(host)
  }

  private async addressesOf(host: string): Promise<readonly LookupAddress[]> {
    const addresses = await this.resolve(host)
    // All of them: which one is connected to depends on which responds first.
    if (!addresses.every(({ address }) => this.isAllowed(address))) throw new AddressRefused(host)
    return addresses
  }

  private isAllowed(address: string): boolean {
    return this.allowPrivate || isPublicAddress(address)
  }
}

function resolveHost(host: string): Promise<readonly LookupAddress[]> {
  return new Promise((done, fail) => {
    lookup(host, { all: true }, (error, addresses) => (error ? fail(error) : done(addresses)))
  })
}
