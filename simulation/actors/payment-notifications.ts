import { PaymentNotifications } from '../../src/payments/processing/payment-notifications.js'
import type { MemoryDatabase } from '../../src/adapters/memory/memory-database.js'
import type { Processes } from '../world/processes.js'

/** The part of the world that the provider reaches. */
interface Receiver {
  processes: Processes
  database: MemoryDatabase
  report(invariant: string, detail: string): void
}

/** Delivers a notification of the payment provider, as its webhook does. Rejects unless the service has accepted it. */
export async function notifyPayment(world: Receiver, reference: string): Promise<void> {
  const process = world.processes.any()
  await process.get(PaymentNotifications).handleUpdate(reference)
  if (!process.steps.alive) throw new Error('the process was killed before it responded')
  const payment = world.database.payments.where(null, (row) => row.reference === reference)[0]
  // I12: what was accepted is stored. A payment whose reference is not stored yet is still processed.
  if (!payment || payment.hints > 0 || payment.state === 'SUCCEEDED' || payment.state === 'REFUNDED') return
  world.report('I12', `a notification of ${reference} was accepted and is not stored`)
}
