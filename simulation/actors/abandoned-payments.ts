import { PaymentAdmin } from '../../src/payments/payment-admin.js'
import type { World } from '../world/world.js'
import { OPERATOR } from './staff.js'

const RETRY_MS = 1_000
const ATTEMPTS = 10
const BODY = { outcome: 'FAILED', reason: 'by the scenario' } as const

/** An operator records the payment of a hold as failed, unless it is decided before: it may still succeed later. */
export async function abandonPayment(world: World, holdId: string, afterMs: number): Promise<void> {
  await world.time.sleep(afterMs)
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const payment = world.database.payments.getUnique(null, holdId)
    if (payment?.state !== 'PENDING') return
    try {
      await world.processes.any().get(PaymentAdmin).settle(payment.id, BODY, OPERATOR)
      world.trace.add(`payment of ${holdId} abandoned`)
    } catch {
      // Being processed, or no process has accepted it.
    }
    await world.time.sleep(RETRY_MS)
  }
}
