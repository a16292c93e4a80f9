import { Option, type Command } from 'commander'
import { PLATFORMS, type Platform } from '../../domain/channel.js'
import { DELIVERY_STATES, type DeliveryStateName } from '../../webhooks/deliveries.dto.js'
import { DeliveriesService } from '../../webhooks/deliveries.service.js'
import type { Cli } from '../cli.js'
import { limitOption, pagesOf } from '../lists.js'
import { SELF } from '../self.js'

interface ListOptions {
  limit: number
  state?: DeliveryStateName
  platform?: Platform
}

/** `webhooks list`, `webhooks replay ID`. */
export function addWebhooks(program: Command, cli: Cli): void {
  const webhooks = program.command('webhooks').description('Deliveries that failed or found no channel')
  const list = webhooks.command('list').description('Kept deliveries, newest first').addOption(limitOption())
  list.addOption(new Option('--state <state>', 'only deliveries in this state').choices(DELIVERY_STATES))
  list.addOption(new Option('--platform <platform>', 'only deliveries of this platform').choices(PLATFORMS))
  cli.on<ListOptions>(list, async ({ station, out, options: { limit, state, platform } }) => {
    const filter = { ...(state ? { state } : {}), ...(platform ? { platform } : {}) }
    const deliveries = station.get(DeliveriesService)
    const page = await pagesOf(limit, (part) => deliveries.list({ ...part, ...filter }))
    out.show(page, () =>
      out.table(
        ['ID', 'PLATFORM', 'STATE', 'RECEIVED', 'TRIES', 'WHY'],
        page.items.map((one) => [one.id, one.platform, one.state, one.receivedAt, `${one.attempts}`, one.reason]),
      ),
    )
    if (page.items.some((one) => one.state !== 'REPLAYED')) out.next(`${SELF} webhooks replay ID`)
  })
  const replay = webhooks.command('replay').description('Send a kept delivery through again').argument('<id>')
  cli.on(replay, async ({ station, out, args: [id = ''] }) => {
    const replayed = await station.get(DeliveriesService).replay(id)
    out.show(replayed, () =>
      out.facts([
        ['delivery', replayed.id],
        ['state', replayed.state],
      ]),
    )
    out.next(`${SELF} webhooks list (a delivery that fails again is listed anew)`)
  })
}
