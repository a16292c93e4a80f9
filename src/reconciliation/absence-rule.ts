/** So many orders are looked at one by one; for more than those the whole listing is read again. */
export const ONE_BY_ONE = 20
/** So many orders are asked for one by one where nothing else can prove that they are gone. */
export const MAX_QUERIED = 200

const MANY_SHARE = 0.2
const FEW_SHARE = 0.05
const ALWAYS_FEW = 2

/** More missing orders, of all that are recorded as live, than guests cancel between two readings. */
export function isMany(absent: number, recorded: number): boolean {
  const most = absent > ALWAYS_FEW && absent * 2 > recorded
  return most || absent > Math.max(ONE_BY_ONE, recorded * MANY_SHARE)
}

/** So few that members who hid explain them. */
export function mayHide(absent: number, recorded: number): boolean {
  return absent <= Math.max(ALWAYS_FEW, recorded * FEW_SHARE)
}
