/** PostgreSQL's check_violation. */
export function checkViolation(message: string): Error {
  return Object.assign(new Error(message), { code: '23514' })
}
