import { ApiProperty } from '@nestjs/swagger'
import type { AccountRole } from '../infrastructure/http/access.js'

export class UserDto {
  @ApiProperty()
  id!: string

  @ApiProperty()
  email!: string

  @ApiProperty()
  name!: string

  @ApiProperty({ enum: ['ADMIN', 'OPERATOR', 'VIEWER', 'CUSTOMER'] })
  role!: AccountRole
}

export class OperatorDto extends UserDto {
  @ApiProperty()
  active!: boolean

  @ApiProperty({ type: String, format: 'date-time' })
  createdAt!: Date
}

export class LoginDto {
  @ApiProperty()
  accessToken!: string

  @ApiProperty({ type: String, format: 'date-time' })
  expiresAt!: Date

  @ApiProperty()
  sessionId!: string

  @ApiProperty()
  user!: UserDto
}

export class SessionDto {
  @ApiProperty()
  id!: string

  @ApiProperty()
  ip!: string

  @ApiProperty({ type: String, nullable: true })
  userAgent!: string | null

  @ApiProperty({ type: String, format: 'date-time' })
  createdAt!: Date

  @ApiProperty({ type: String, format: 'date-time' })
  lastSeenAt!: Date

  @ApiProperty({ type: String, format: 'date-time' })
  expiresAt!: Date

  @ApiProperty({ description: 'Whether this is the session of the request.' })
  current!: boolean
}

/** Named fields only: a password hash has no way out. */
export function toUser({ id, email, name, role }: UserDto): UserDto {
  return { id, email, name, role }
}

export function toOperator({ id, email, name, role, active, createdAt }: OperatorDto): OperatorDto {
  return { id, email, name, role, active, createdAt }
}

/** `current`: the session of the request. */
export function toSession(session: Omit<SessionDto, 'current'>, current: string): SessionDto {
  const { id, ip, userAgent, createdAt, lastSeenAt, expiresAt } = session
  return { id, ip, userAgent, createdAt, lastSeenAt, expiresAt, current: id === current }
}
