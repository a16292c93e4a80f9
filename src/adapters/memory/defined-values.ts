/** The values of a change that are set: as in Prisma, an undefined one leaves the column unchanged. */
export function definedValues<Values extends object>(change: Values): Values {
  return Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined)) as Values
}
