import { SetMetadata, type CustomDecorator } from '@nestjs/common'

export type AccountRole = 'ADMIN' | 'OPERATOR' | 'VIEWER' | 'CUSTOMER'

export const ACCESS = Symbol('access')
export type Access = 'PUBLIC' | readonly AccountRole[]

/** Anyone may call this route, signed in or not. */
export function Public(): CustomDecorator<symbol> {
  return SetMetadata(ACCESS, 'PUBLIC' satisfies Access)
}

/**
 * Accounts of one of these roles, or of a higher one (ADMIN > OPERATOR > VIEWER > CUSTOMER), may call this route.
 * A route without `Roles` or `Public` is for ADMIN alone.
 */
export function Roles(...roles: readonly AccountRole[]): CustomDecorator<symbol> {
  return SetMetadata(ACCESS, roles satisfies Access)
}
