import type { Prisma } from '../generated/prisma/client.js'

/** `system_mode` has one row, made by its migration. */
export const SYSTEM_MODE_ROW = { id: 1 } as const

/** Whether the system is in fail-safe mode, as stored; inside a transaction: as of that transaction. */
export async function isFailSafe(tx: Pick<Prisma.TransactionClient, 'systemMode'>): Promise<boolean> {
  const { mode } = await tx.systemMode.findUniqueOrThrow({ where: SYSTEM_MODE_ROW, select: { mode: true } })
  return mode === 'FAIL_SAFE'
}
