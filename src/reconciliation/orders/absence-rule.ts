/** Up to this number of absent orders is checked individually; for more, the whole listing is read again. */
export const MAX_CHECKED_INDIVIDUALLY = 20
/** Up to this number of orders is queried individually where nothing else can prove that they were removed. */
export const MAX_QUERIED = 200

const MANY_SHARE = 0.2
const FEW_SHARE = 0.05
const ALWAYS_FEW = 2

/** True if more of the recorded live orders are absent than guests plausibly cancel between two readings. */
export function isMassAbsence(absent: number, recorded: number): boolean {
  const isMajority = absent > ALWAYS_FEW && absent * 2 > recorded
  return isMajority || absent > Math.max(MAX_CHECKED_INDIVIDUALLY, recorded * MANY_SHARE)
}

/** True if so few orders are absent that members who hid their RSVP explain them. */
export function isExplainedByHiddenMembers(absent: number, recorded: number): boolean {
  return absent <= Math.max(ALWAYS_FEW, recorded * FEW_SHARE)
}
