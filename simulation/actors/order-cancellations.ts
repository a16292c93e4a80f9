import { OrderCancellation } from '../../src/payments/cancellation/order-cancellation.js'
import type { CancelOrderAction } from '../scenario/actions.js'
import type { World } from '../world/world.js'
import { request } from './client.js'
import { STAFF } from './staff.js'

/** Staff cancel one direct order, several of them at the same time. No request may be refused: the order exists. */
export function cancelDirectOrder(world: World, { order: position, refunds }: CancelOrderAction): void {
  const placed = world.database.orders.where(null, ({ platform, state }) => platform === 'DIRECT' && state === 'PLACED')
  const order = placed[Math.floor(position * placed.length)]
  if (!order) return
  for (const [index, refund] of refunds.entries()) world.background(cancel(world, order.id, refund, index))
}

async function cancel(world: World, orderId: string, refund: boolean, index: number): Promise<void> {
  const user = STAFF[index % STAFF.length]
  if (!user) return
  world.direct.cancellationRequested(orderId, refund)
  const response = await request(world, `cancel ${orderId}${refund ? ' with refund' : ''}`, (process) =>
    process.get(OrderCancellation).cancel(orderId, { reason: 'by the scenario', refund }, user),
  )
  if (response.kind === 'REFUSED') world.report('I5', `${orderId} is placed, and cannot be cancelled: ${response.code}`)
  if (response.kind === 'DONE') world.direct.cancellationDone(orderId, refund)
}
