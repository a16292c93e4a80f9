import { Option, type Command } from 'commander'
import { PLATFORMS, type Platform } from '../../domain/channel.js'
import { DELIVERY_STATES, type DeliveryStateName } from '../../inbound/dead-letters/deliveries.dto.js'
import { DeliveriesService } from '../../inbound/dead-letters/deliveries.service.js'
import type { Cli } from '../cli.js'
import { limitOption, pagesOf } from '../terminal/lists.js'
import { PROGRAM_NAME } from '../terminal/program-name.js'

interface ListOptions {
  limit: number
  state?: DeliveryStateName
  platform?: Platform
}

/** `webhooks list`, `webhooks replay ID`. */
export function addWebhooks(program: Command, cli: Cli): void {
  const webhooks = program.command('webhooks').description('Deliveries that failed or found no channel')
  const list = webhooks.command('list').description('List these deliveries, newest first').addOption(limitOption())
  list.addOption(new Option('--state <state>', 'only deliveries in this state').choices(DELIVERY_STATES))
  list.addOption(new Option('--platform <platform>', 'only deliveries of this platform').choices(PLATFORMS))
  cli.register<ListOptions>(list, async ({ context, out, options: { limit, state, platform } }) => {
    const filter = { ...(state ? { state } : {}), ...(platform ? { platform } : {}) }
    const deliveries = context.get(DeliveriesService)
    const page = await pagesOf(limit, (part) => deliveries.list({ ...part, ...filter }))
    out.show(page, () =>
      out.table(
        ['ID', 'PLATFORM', 'STATE', 'RECEIVED', 'ATTEMPTS', 'REASON'],
        page.items.map((delivery) => [
          delivery.id,
          delivery.platform,
          delivery.state,
          delivery.receivedAt,
          `${delivery.attempts}`,
          delivery.reason,
        ]),
      ),
    )
    if (page.items.some((delivery) => delivery.state !== 'REPLAYED')) out.next(`${PROGRAM_NAME} webhooks replay ID`)
  })
  const replay = webhooks.command('replay').description('Process a delivery again').argument('<id>')
  cli.register(replay, async ({ context, out, args: [id = ''] }) => {
    const replayed = await context.get(DeliveriesService).replay(id)
    out.show(replayed, () =>
      out.facts([
        ['delivery', replayed.id],
        ['state', replayed.state],
      ]),
    )
    out.next(`${PROGRAM_NAME} webhooks list (a delivery that fails again is listed again)`)
  })
}
