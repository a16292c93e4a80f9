import { API_PLATFORMS, type ApiPlatform } from '../../../src/domain/channel.js'
import { Platforms } from '../../../src/platforms/platforms.js'
import { traitsOf } from '../../../src/platforms/registry.js'
import type { Listing, Outcome } from '../../../src/platforms/port.js'
import { SERVICE_ORIGIN } from '../../../simulation/world/config.js'
import type { ServiceProcess } from '../../../simulation/world/service-process.js'
import type { World } from '../../../simulation/world/world.js'
import type { OutgoingWebhook } from '../../../simulators/kit/index.js'
import { sharesOf, type Shares } from '../demand/families.js'
import { POLL_MS } from '../network.js'
import type { Market } from './market.js'

const RETRY_MS = 2_000

/**
 * The usual way to sell one event in several places: after each notification of a sale, every platform is given the whole
 * remaining capacity. It uses the adapters, the HTTP client and the limits of the service, but no stock.
 */
export class FullCapacity {
  private readonly known: Shares
  private readonly written: Shares
  private readonly reading = new Latest((platform) => this.read(platform))
  private readonly writing = new Latest((platform) => this.write(platform))

  constructor(
    private readonly world: World,
    private readonly market: Market,
    private readonly process: ServiceProcess,
  ) {
    this.known = { ...market.soldBefore }
    this.written = sharesOf(() => market.capacity)
  }

  /** Subscribes to the platforms' webhooks, and polls those without. */
  start(): void {
    for (const { platform, simulator, ref } of this.market.listings.values()) {
      if (traitsOf(platform).polling === null) simulator.listings.subscribe(ref, `${SERVICE_ORIGIN}/${platform}`)
      else this.poll(platform)
    }
  }

  /** The status of the response. */
  receive({ url }: OutgoingWebhook): number {
    const platform = API_PLATFORMS.find((name) => new URL(url).pathname === `/${name}`)
    if (platform) this.run(this.reading, platform)
    return 200
  }

  private poll(platform: ApiPlatform): void {
    this.run(this.reading, platform)
    this.world.time.after(POLL_MS, () => this.poll(platform))
  }

  private run(latest: Latest, platform: ApiPlatform): void {
    this.world.background(latest.run(platform))
  }

  private async read(platform: ApiPlatform): Promise<void> {
    const { sold } = await this.untilDone(() =>
      this.adapter(platform).readChannel(this.listing(platform), { lane: 'grow' }),
    )
    if (sold === null || sold === this.known[platform]) return
    this.known[platform] = sold
    for (const other of API_PLATFORMS) this.run(this.writing, other)
  }

  private async write(platform: ApiPlatform): Promise<void> {
    const cap = () => this.known[platform] + this.remaining()
    if (cap() === this.written[platform]) return
    const write = () => this.adapter(platform).writeCap(this.listing(platform), cap(), { lane: 'protect' })
    this.written[platform] = (await this.untilDone(write)).cap
  }

  private remaining(): number {
    return Math.max(0, this.market.capacity - API_PLATFORMS.reduce((sum, platform) => sum + this.known[platform], 0))
  }

  private async untilDone<T>(call: () => Promise<Outcome<T>>): Promise<T> {
    for (;;) {
      const outcome = await call()
      if (outcome.kind === 'OK') return outcome.value
      await this.world.time.sleep(RETRY_MS)
    }
  }

  private adapter(platform: ApiPlatform) {
    return this.process.get(Platforms).ofEnvironment(platform).adapter
  }

  private listing(platform: ApiPlatform): Listing {
    const externalEventId = this.market.listings.get(platform)?.ref.eventId ?? ''
    return { externalEventId, externalTicketClassId: null, acknowledgedCap: this.written[platform] }
  }
}

/** Runs work for one platform at a time; requests while it runs lead to one more run. */
class Latest {
  private readonly requested = new Map<ApiPlatform, boolean>()

  constructor(private readonly work: (platform: ApiPlatform) => Promise<void>) {}

  async run(platform: ApiPlatform): Promise<void> {
    const isRunning = this.requested.has(platform)
    this.requested.set(platform, true)
    if (isRunning) return
    while (this.requested.get(platform)) {
      this.requested.set(platform, false)
      await this.work(platform)
    }
    this.requested.delete(platform)
  }
}
