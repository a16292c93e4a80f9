import { SafetyReleases } from '../../src/safety-stock/safety-releases.js'
import { SafetySales } from '../../src/safety-stock/safety-sales.js'
import type { ReleaseAction } from '../scenario/actions.js'
import type { ServiceProcess } from '../world/service-process.js'
import type { World } from '../world/world.js'
import { OPERATOR, SECOND_OPERATOR } from './staff.js'

const BUYER = { name: 'A guest', email: 'guest@example.com' }

export function sellSafetyStock(process: ServiceProcess, eventId: string, quantity: number): Promise<unknown> {
  return process.get(SafetySales).sell(eventId, { quantity, buyer: BUYER, reason: 'by the scenario' }, OPERATOR)
}

export async function releaseSafetyStock(
  world: World,
  process: ServiceProcess,
  { listing: index, quantity, decision, afterMs }: ReleaseAction,
): Promise<void> {
  const listing = world.listings[index]
  if (!listing) return
  const { eventId, platform, channelId } = listing
  const body = { platform, channelId, quantity, reason: 'by the scenario' }
  const { id } = await process.get(SafetyReleases).request(eventId, body, OPERATOR)
  await world.time.sleep(afterMs)
  // A process of that time: the one before may have been killed.
  const releases = world.processes.any().get(SafetyReleases)
  await (decision === 'approve' ? releases.approve(id, SECOND_OPERATOR) : releases.reject(id, SECOND_OPERATOR))
}
