import { Prisma } from '../generated/prisma/client.js'

/** When the platform has checked in ticket `t`, unless that was taken back here. */
export const EXTERNAL_CHECK_IN = Prisma.sql`NULLIF(t.external_checked_in_at, t.ignored_check_in_at)`

/** When ticket `t` was first checked in, here (`c`) or on its platform; null: it is not. */
export const CHECKED_IN_AT = Prisma.sql`LEAST(c.checked_in_at, ${EXTERNAL_CHECK_IN})`
