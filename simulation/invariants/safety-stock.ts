import type { OperationRow } from '../../src/adapters/memory/rows.js'
import { DIRECT } from '../../src/domain/channel.js'
import { sold } from '../../src/domain/stock/ledger-account.js'
import { STAFF } from '../actors/staff.js'
import type { World } from '../world/world.js'
import type { Invariant } from './invariant.js'
import { violation, type Violation } from './violation.js'

const isStaff = (actor: string | null) => STAFF.some(({ email }) => email === actor)
const SOLD_MANUALLY = new Set<string>(['HELD', sold(DIRECT)])
// A voided operation is posted again under its id and `:retry_…`.
const RELEASED = /^safety-release:([^:]*):approved(:|$)/

/**
 * I9: safety stock is sold and held by staff only, and released in the quantity that one operator requested, once another has
 * approved it.
 */
export function safetyStockInvariant(): Invariant {
  let checked = 0
  return (world) => {
    const movements = world.database.movements.where(null)
    const recent = movements.slice(checked)
    checked = movements.length
    const taken = recent.filter(({ from }) => from === 'SAFETY')
    return taken.flatMap(({ operationId, to, quantity }): Violation[] => {
      const operation = world.database.operations.get(null, operationId)
      if (!operation) return []
      if (SOLD_MANUALLY.has(to) && !isStaff(operation.actor))
        return [violation('I9', `${quantity} of the safety stock are sold by ${operation.actor}: ${operation.reason}`)]
      return releaseProblem(world, operation, quantity)
    })
  }
}

function releaseProblem({ database }: World, { operationId, actor }: OperationRow, quantity: number): Violation[] {
  const id = RELEASED.exec(operationId)?.[1]
  if (id === undefined) return []
  const release = database.safetyReleases.get(null, id)
  const decided = release?.state === 'APPROVED' && release.decidedBy !== release.requestedBy && isStaff(actor)
  if (decided && release.quantity === quantity) return []
  return [violation('I9', `${quantity} units are released by ${actor}: ${JSON.stringify(release)}`)]
}
