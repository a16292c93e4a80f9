import type { Prisma } from '../generated/prisma/client.js'

/** `system_mode` has one row, created by its migration. */
export const SYSTEM_MODE_ROW = { id: 1 } as const

/** Whether the stored mode is fail-safe, as of the transaction `tx` if it is one. */
export async function isFailSafe(tx: Pick<Prisma.TransactionClient, 'systemMode'>): Promise<boolean> {
  const { mode } = await tx.systemMode.findUniqueOrThrow({ where: SYSTEM_MODE_ROW, select: { mode: true } })
  return mode === 'FAIL_SAFE'
}
