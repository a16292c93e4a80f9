/** Whether PostgreSQL refused a row because its key is taken (Prisma's P2002). */
export function isUniqueViolation(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'P2002'
}
