import { SetMetadata, type CustomDecorator } from '@nestjs/common'

export type UserRole = 'ADMIN' | 'OPERATOR' | 'VIEWER' | 'CUSTOMER'

export const ACCESS = Symbol('access')
export type Access = 'PUBLIC' | readonly UserRole[]

/** This route is callable without signing in. */
export function Public(): CustomDecorator<symbol> {
  return SetMetadata(ACCESS, 'PUBLIC' satisfies Access)
}

/**
 * Users with one of these roles, or a higher one (ADMIN > OPERATOR > VIEWER > CUSTOMER), may call this route.
 * A route without `Roles` or `Public` is for ADMIN only.
 */
export function Roles(...roles: readonly UserRole[]): CustomDecorator<symbol> {
  return SetMetadata(ACCESS, roles satisfies Access)
}
