import { SetMetadata, type CustomDecorator } from '@nestjs/common'

export const USER_ROLES = ['ADMIN', 'OPERATOR', 'VIEWER', 'DOOR', 'CUSTOMER'] as const
export type UserRole = (typeof USER_ROLES)[number]

export const ACCESS = Symbol('access')
export type Access = 'PUBLIC' | readonly UserRole[]

/** This route is callable without signing in. */
export function Public(): CustomDecorator<symbol> {
  return SetMetadata(ACCESS, 'PUBLIC' satisfies Access)
}

/**
 * Users with one of these roles, or one that includes it, may call this route: ADMIN includes OPERATOR, which includes
 * VIEWER, DOOR and CUSTOMER; a VIEWER also reads what DOOR and CUSTOMER may read. A route without `Roles` or `Public` is
 * for ADMIN only.
 */
export function Roles(...roles: readonly UserRole[]): CustomDecorator<symbol> {
  return SetMetadata(ACCESS, roles satisfies Access)
}

/** Every user may call this route, which is about their own account. */
export function SignedIn(): CustomDecorator<symbol> {
  return Roles(...USER_ROLES)
}
